// Written by helper/build.sh: SHA-256 of the committed binaries.
export const HELPER_HASHES: Readonly<Record<string, string>> = {
  'sbx-linux-x64': '54a2094ff8e39abf3f8de15bd217a1b511fbd4dfb95e499c08086357690a6e69',
  'sbx-linux-arm64': 'bd6269aa3c32fd443d641410ac66701166a42e9bf32104b39e3f6f253176b84c',
};
