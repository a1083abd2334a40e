// Written by helper/build.sh: SHA-256 of the committed binaries.
export const HELPER_HASHES: Readonly<Record<string, string>> = {
  'sbx-linux-x64': 'e0439c28bad6c472939b6b2466f43d108395aba82bd337308c1fdb60378e4893',
  'sbx-linux-arm64': '6402d668d7a577e73f0ada691452ff89e888a4296b728ebe599a917207b2fa3f',
};
