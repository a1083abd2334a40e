// Written by helper/build.sh: SHA-256 of the committed binaries.
export const HELPER_HASHES: Readonly<Record<string, string>> = {
  'sbx-linux-x64': '19bced7a37b3c9baf9d214536e102fc236290a7fe83a8a66b823833c8de128e1',
  'sbx-linux-arm64': 'cf1db0f68f5cf4b351bf1aef518bdd3e355f7e4eb098df91a64900b828da246d',
};
