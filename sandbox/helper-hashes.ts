// Written by helper/build.sh: SHA-256 of the committed binaries.
export const HELPER_HASHES: Readonly<Record<string, string>> = {
  'sbx-linux-x64': 'c4a7a33369bab1413e1bb53d150cf45d80262accd7ea7c05163dd09857d2886d',
  'sbx-linux-arm64': '8ce4215846314cdb5f53320968dde0d8e5f824bf285536f8688f4dba698707bc',
};
