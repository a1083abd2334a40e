// Written by helper/build.sh: SHA-256 of the committed binaries.
export const HELPER_HASHES: Readonly<Record<string, string>> = {
  'sbx-linux-x64': '6e30853863a19cacd35b0048a9b78735f8aea28b4fd1cf6c4ec50004fe8bfb9f',
  'sbx-linux-arm64': '9a7bfcdaa049bf90c9226db279322a8762727bd879d6b736b34cca697a7e1985',
};
