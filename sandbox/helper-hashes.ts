// Written by helper/build.sh: SHA-256 of the committed binaries.
export const HELPER_HASHES: Readonly<Record<string, string>> = {
  'sbx-linux-x64': '76fdc87c4bb6db67123a8623006c4a2e93d68c7386b22daf7374b625c9db4c3b',
  'sbx-linux-arm64': 'aef9b74fea29aa02fa91cc602c23fea69d7a412125667d8d9146d6239ce06829',
};
