// Written by helper/build.sh: SHA-256 of the committed binaries.
export const HELPER_HASHES: Readonly<Record<string, string>> = {
  'sbx-linux-x64': '8816c9c2a2649f5956110668ce25fdd98ec76f255bf036508a119a5b72cbab85',
  'sbx-linux-arm64': '27b1c9de1d37ecac0ed3fa27eca7dc718cebb27b8f23159c24cebd176777b6bc',
};
