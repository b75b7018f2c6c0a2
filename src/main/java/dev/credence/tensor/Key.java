package dev.credence.tensor;

import java.nio.charset.StandardCharsets;

/**
 * The name of a random stream. Keys are split while tracing; what a stream gives depends only on
 * its name and on the run-time numbers seed, step, first sample and first row. Two draws with one
 * key give the same bits, so a key is used once.
 *
 * @param path the names split by, joined by slashes
 * @param stream a 64-bit hash of the path
 */
public record Key(String path, long stream) {
  /** The key all others are split from. */
  public static final Key ROOT = new Key("", 0xcbf29ce484222325L);

  /** A key of its own for a purpose. */
  public Key split(String name) {
    // FNV-1a over the bytes, then a bijective mix: neighbouring names give unrelated streams.
    long hash = stream;
    for (byte b : ("/" + name).getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
    return new Key(path + "/" + name, hash ^ (hash >>> 31));
  }

  /** A key of its own for a number. */
  public Key fold(int number) {
    return split(Integer.toString(number));
  }
}
