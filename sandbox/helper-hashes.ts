// Written by helper/build.sh: SHA-256 of the committed binaries.
export const HELPER_HASHES: Readonly<Record<string, string>> = {
  'sbx-linux-x64': '99b040384e3b5777be789ebf18e4b72e8086356b9a160d7352d496c0bb140e45',
  'sbx-linux-arm64': '2fd89fe8be6b47cc8a721f9c1a0c2764532237875808d4e4809b1f9fe2e7785d',
};
