// Written by helper/build.sh: SHA-256 of the committed binaries.
export const HELPER_HASHES: Readonly<Record<string, string>> = {
  'sbx-linux-x64': '7afc46ce9f478e6fe80a8bbd25403839b34c2b79ebe9e78d60917efefad8a90d',
  'sbx-linux-arm64': 'a5f33fab60f383b7199532db5cf9f238c3daca988ebdaa381163e872c579a7a9',
};
