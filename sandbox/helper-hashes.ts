// Written by helper/build.sh: SHA-256 of the committed binaries.
export const HELPER_HASHES: Readonly<Record<string, string>> = {
  'sbx-linux-x64': 'e198c0b812549baadd4aac93124e10ce30ce73fa9e5b8a5c043a27f1c43981bc',
  'sbx-linux-arm64': '7f98dddb5444f993427b5c0a64cc90e023946be5aadd9c09b30197e26fdc7f43',
};
