// Written by helper/build.sh: SHA-256 of the committed binaries.
export const HELPER_HASHES: Readonly<Record<string, string>> = {
  'sbx-linux-x64': '9a7264ff8df249bd78e3670838c613e993142e73c1b2a69fd8c0a10fd0ab004e',
  'sbx-linux-arm64': '3cd47c4af95ceda22c594e57da0ddcada2370373b99052d18d88190232a484e7',
};
