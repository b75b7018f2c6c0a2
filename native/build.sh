#!/bin/sh
# Compiles native/*.c into one libcredence.so that holds every kernel at two
# instruction levels, told apart by a suffix; NativeLibrary chooses between them.
#
#   build.sh OUT_DIR [OBJECT_DIR]
#
# Where no library can be built it leaves OUT_DIR/absent.txt, one sentence that says
# why, and succeeds: the pure-Java device serves there.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
mkdir -p "$1"
out=$(CDPATH= cd -- "$1" && pwd)
objects=${2:-$out.objects}
mkdir -p "$objects"
objects=$(CDPATH= cd -- "$objects" && pwd)
library=$out/libcredence.so
cd "$here/.."

absent() {
  rm -f "$library"
  echo "$1" > "$out/absent.txt"
  echo "$1"
  exit 0
}

[ "$(uname -s)" = Linux ] ||
  absent "The native library is built for Linux only, and this is $(uname -s)."
case $(uname -m) in
  x86_64 | amd64) ;;
  *) absent "The native library is built for x86-64 only, and this is $(uname -m)." ;;
esac
compiler=
for candidate in ${CC:+"$CC"} cc gcc clang; do
  # $CC may carry arguments of its own, as in CC="ccache gcc".
  if command -v ${candidate%% *} > /dev/null 2>&1; then compiler=$candidate; break; fi
done
[ -n "$compiler" ] ||
  absent 'The native library was not built, for want of a C compiler ($CC, cc, gcc and clang were tried).'

# Contraction is off so that a fused multiply-add happens where the source says fmaf and
# nowhere else: the bits must not depend on the compiler or on the level.
flags="-O3 -std=gnu11 -ffp-contract=off -fno-math-errno -fno-trapping-math -fPIC
  -fvisibility=hidden -Ikernels -Inative -Wall -Wextra -Werror=implicit -Wno-psabi"
level_v3="-DCR_LEVEL=v3 -march=x86-64-v3"
level_v4="-DCR_LEVEL=v4 -march=x86-64-v4 -mprefer-vector-width=512"

# An object is stale when its source, any header or this script is newer, or when another
# compiler made it.
recipe="$objects/compiler"
if [ "$(cat "$recipe" 2> /dev/null || true)" != "$compiler" ]; then
  rm -f "$objects"/*.o
  echo "$compiler" > "$recipe"
fi
shared=$(find native kernels -name '*.h'; echo native/build.sh)
newest=$(ls -t $shared | head -n 1)

linked=
stale=
for source in native/*.c; do
  for level in v3 v4; do
    object=$(basename "$source" .c)_$level.o
    linked="$linked $object"
    if [ ! -f "$objects/$object" ] || [ "$source" -nt "$objects/$object" ] ||
      [ "$newest" -nt "$objects/$object" ]; then
      rm -f "$objects/$object"
      stale="$stale $source $level $object"
    fi
  done
done

if [ -n "$stale" ]; then
  export compiler flags level_v3 level_v4 objects
  # An object gets its name only when complete, so that an interrupted build leaves no half.
  # shellcheck disable=SC2086 # three words make one compilation
  printf '%s\n' $stale | xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 3 sh -c '
    eval "level=\$level_$1"
    $compiler $flags $level -c "$0" -o "$objects/$2.part" &&
      mv "$objects/$2.part" "$objects/$2"'
elif [ -f "$library" ] && [ "$(cat "$objects/linked" 2> /dev/null || true)" = "$linked" ]; then
  exit 0
fi

# Renamed into place, since a running program may have the old library mapped.
(cd "$objects" && $compiler -shared -Wl,--no-undefined -o "$library.part" $linked -lm)
mv "$library.part" "$library"
rm -f "$out/absent.txt"
echo "$linked" > "$objects/linked"
