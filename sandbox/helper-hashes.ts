// Written by helper/build.sh: SHA-256 of the committed binaries.
export const HELPER_HASHES: Readonly<Record<string, string>> = {
  'sbx-linux-x64': '1dde394ab90e324c5c747897db559a357aec21209d67d826ee1dbcd620f5b1ae',
  'sbx-linux-arm64': 'e360a2bbf1dcbbaeb7766acb9765c14bbacae95f73a32f0739a1552878265862',
};
