// Written by helper/build.sh: SHA-256 of the committed binaries.
export const HELPER_HASHES: Readonly<Record<string, string>> = {
  'sbx-linux-x64': '090cebcb505e68ce77858426183646ba5b03bba20e0f6f83ab802224837b9347',
  'sbx-linux-arm64': '0d6dee749be6e2b5d2f6f6c2aef6bec82b4a5c1951da5fdef10c910cad707e7e',
};
