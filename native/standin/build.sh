#!/bin/sh
# Builds the stand-in libraries for the tests of the CUDA package.
#
#   build.sh OUT
#
# Without a C compiler, or on anything but Linux on x86-64, it builds nothing and succeeds: the
# tests say why they are skipped.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
source=$(dirname "$(dirname "$here")")
mkdir -p "$1"
out=$(CDPATH= cd -- "$1" && pwd)

[ "$(uname -s)/$(uname -m)" = Linux/x86_64 ] || exit 0
compiler=
for candidate in cc gcc clang; do
  if command -v "$candidate" > /dev/null 2>&1; then compiler=$candidate; break; fi
done
[ -n "$compiler" ] || exit 0

# Nothing to do where all is newer than its source.
stamp=$out/stamp
if [ -f "$stamp" ] && [ -z "$(find "$here" -newer "$stamp" -type f)" ] &&
  [ "$(cat "$stamp")" = "$source" ]; then
  exit 0
fi
rm -rf "$out/12" "$out/13"

# library FOLDER SONAME SOURCE [WORD...]: NVIDIA's libraries give all their symbols their own name as
# a version, as far as JCuda asks for one.
library() {
  folder=$1 soname=$2 text=$3
  shift 3
  version=
  case $soname in
    libcublas.so.* | libnvrtc.so.* | libcudnn.so.*)
      echo "$soname { global: *; };" > "$folder/$soname.map"
      version="-Wl,--version-script=$folder/$soname.map"
      ;;
  esac
  "$compiler" -O2 -std=gnu11 -Wall -Wextra -ffp-contract=off -shared -fPIC \
    -Wl,-soname,"$soname" $version -o "$folder/$soname" "$here/$text" "$@" -lm -ldl -lpthread
  rm -f "$folder/$soname.map"
}

# cuda MAJOR DNN_MAJOR DNN_VERSION
cuda() {
  folder=$out/$1
  mkdir -p "$folder"
  library "$folder" libcuda.so.1 cuda.c -DSTANDIN_VERSION="${1}000"
  library "$folder" "libcublasLt.so.$1" empty.c
  library "$folder" "libcublas.so.$1" cublas.c -L"$folder" -l:libcuda.so.1
  library "$folder" "libnvrtc-builtins.so.$1.0" empty.c
  library "$folder" "libnvrtc.so.$1" nvrtc.c -DSTANDIN_MAJOR="$1" \
    -DSTANDIN_SOURCE="\"$source\"" -DSTANDIN_COMPILER="\"$compiler\"" \
    -L"$folder" -l:libcuda.so.1
  library "$folder" "libcudnn.so.$2" cudnn.c -DSTANDIN_DNN="$3" \
    -L"$folder" -l:libcuda.so.1
}

cuda 12 8 8905
cuda 13 9 90501
printf '%s' "$source" > "$stamp"
