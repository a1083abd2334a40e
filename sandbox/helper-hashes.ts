// Written by helper/build.sh: SHA-256 of the committed binaries.
export const HELPER_HASHES: Readonly<Record<string, string>> = {
  'sbx-linux-x64': '9b3ee9020d2913cd6c31718c1dfa58c75c87be5ff410d61486156bae24fecedd',
  'sbx-linux-arm64': '6651354397b90bc94260fe97fde1dca61504a73358d92ca2b8ff123706f8b481',
};
