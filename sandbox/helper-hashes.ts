// Written by helper/build.sh: SHA-256 of the committed binaries.
export const HELPER_HASHES: Readonly<Record<string, string>> = {
  'sbx-linux-x64': '2fc0c4c52a2cdb859705d61f78ac073c471dbf386555159a47e5ce06230978b5',
  'sbx-linux-arm64': '2eb23100d8cda9837516f9b61209bc129094868ee01604f30ce66a8c91a0f11e',
};
