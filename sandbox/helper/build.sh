#!/bin/bash
# Builds the helper for both architectures, static, against musl, and pins the hashes in ../helper-hashes.ts.
# Debian or Ubuntu: apt-get install gcc musl-tools gcc-aarch64-linux-gnu linux-libc-dev linux-libc-dev-arm64-cross
# musl for arm64 comes from Debian's own arm64 package ("dpkg --add-architecture arm64; apt-get update" first); it is only unpacked.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sources=(sbx.c options.c paths.c mounts.c landlock.c privileges.c broker.c broker-policy.c broker-paths.c broker-open.c
  broker-calls.c broker-git.c broker-worktree.c broker-connect.c broker-terminals.c count.c terminal.c limits.c proxy.c)
# No build path, time or random id reaches the output, so that the same compiler gives the same bytes.
flags=(-std=gnu11 -Os -static -s -Wall -Wextra -Werror -fno-pie -no-pie -fstack-protector-strong -fno-ident
  -ffile-prefix-map="$PWD"=. -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,relro,-z,now)

# musl has no kernel headers; these three folders are architecture by architecture.
headers() {
  mkdir -p "$work/inc-$1"
  ln -sfn "$2/linux" "$work/inc-$1/linux"
  ln -sfn "$2/asm-generic" "$work/inc-$1/asm-generic"
  ln -sfn "$3/asm" "$work/inc-$1/asm"
}

build_x64() {
  headers x64 /usr/include /usr/include/x86_64-linux-gnu
  musl-gcc "${flags[@]}" -isystem "$work/inc-x64" -o bin/sbx-linux-x64 "${sources[@]}"
}

build_arm64() {
  headers arm64 /usr/aarch64-linux-gnu/include /usr/aarch64-linux-gnu/include
  (cd "$work" && apt-get download -q musl:arm64 musl-dev:arm64 > /dev/null && for deb in musl*.deb; do dpkg -x "$deb" musl; done)
  local musl="$work/musl/usr/lib/aarch64-linux-musl" include="$work/musl/usr/include/aarch64-linux-musl"
  local gcc_dir
  gcc_dir=$(dirname "$(aarch64-linux-gnu-gcc -print-libgcc-file-name)")
  aarch64-linux-gnu-gcc "${flags[@]}" -nostdinc -nostdlib -mno-outline-atomics -isystem "$include" \
    -isystem "$work/inc-arm64" -isystem "$gcc_dir/include" -o bin/sbx-linux-arm64 \
    "$musl/crt1.o" "$musl/crti.o" "${sources[@]}" "$musl/libc.a" "$gcc_dir/libgcc.a" "$musl/libc.a" "$musl/crtn.o"
}

pin() {
  {
    echo "// Written by helper/build.sh: SHA-256 of the committed binaries."
    echo "export const HELPER_HASHES: Readonly<Record<string, string>> = {"
    for arch in x64 arm64; do
      echo "  'sbx-linux-$arch': '$(sha256sum "bin/sbx-linux-$arch" | cut -d' ' -f1)',"
    done
    echo "};"
  } > ../helper-hashes.ts
}

mkdir -p bin
build_x64
build_arm64
chmod 755 bin/sbx-linux-*
pin
ls -l bin
