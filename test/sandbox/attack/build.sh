#!/bin/bash
# Builds the attack tool of the sandbox tests, static, so that no test needs a compiler. Needs musl-tools.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s /usr/include/linux /usr/include/asm-generic "$work/"
ln -s "/usr/include/$(uname -m)-linux-gnu/asm" "$work/asm"
case $(uname -m) in x86_64) name=x64 ;; aarch64) name=arm64 ;; esac
musl-gcc -std=gnu11 -Os -static -s -Wall -Wextra -Werror -Wl,--build-id=none -isystem "$work" -o "attack-linux-$name" attack.c more.c shared.c
ls -l attack-linux-*
