package dev.credence.device.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A shared library of Linux on x86-64, as bytes, of which the name of a library that it needs can
 * be replaced by another of the same length. The name stands among the needed libraries (DT_NEEDED)
 * and among the needed symbol versions (.gnu.version_r), there with a hash.
 */
final class ElfImage {
  private static final int LOADED = 1;
  private static final int DYNAMIC = 2;

  private static final long END = 0;
  private static final long NEEDED = 1;
  private static final long STRINGS = 5;
  private static final long VERSIONS = 0x6ffffffe;
  private static final long VERSION_COUNT = 0x6fffffff;

  private final ByteBuffer image;

  private long strings;
  private long versions;
  private long versionCount;
  private final List<Long> needed = new ArrayList<>();

  /** A copy of a library's bytes. */
  ElfImage(byte[] bytes) {
    image = ByteBuffer.wrap(bytes.clone()).order(ByteOrder.LITTLE_ENDIAN);
    boolean elf = bytes.length > 64 && image.getInt(0) == 0x464c457f && bytes[4] == 2;
    if (!elf) {
      throw new IllegalArgumentException("This is no 64-bit ELF library.");
    }
    readDynamic();
  }

  /** The bytes as they are now. */
  byte[] bytes() {
    return image.array().clone();
  }

  /** The libraries it needs. */
  List<String> needed() {
    return needed.stream().map(this::string).toList();
  }

  /** The symbol versions it needs, each after the library that is to have it and a colon. */
  List<String> versions() {
    List<String> found = new ArrayList<>();
    eachVersion(
        (file, name, hashAt) -> {
          if (image.getInt(hashAt) == hash(string(name))) {
            found.add(string(file) + ":" + string(name));
          }
        });
    return found;
  }

  /**
   * Replaces one needed library by another.
   *
   * @return whether it was needed
   */
  boolean retarget(String from, String to) {
    if (from.length() != to.length()) {
      throw new IllegalArgumentException(from + " and " + to + " differ in length.");
    }
    // Names may share their bytes, so all are found before any is written.
    Set<Long> names = new TreeSet<>();
    needed.stream().filter(name -> string(name).equals(from)).forEach(names::add);
    boolean was = !names.isEmpty();
    eachVersion(
        (file, name, hashAt) -> {
          if (string(file).equals(from)) {
            names.add(file);
          }
          if (string(name).equals(from)) {
            names.add(name);
            image.putInt(hashAt, hash(to));
          }
        });
    byte[] bytes = to.getBytes(StandardCharsets.US_ASCII);
    names.forEach(name -> image.put(Math.toIntExact(strings + name), bytes));
    return was;
  }

  private interface Version {
    /** File and name are offsets among the strings; the hash's is one into the image. */
    void at(long file, long name, int hashAt);
  }

  private void eachVersion(Version visitor) {
    long entry = versions;
    for (long i = 0; i < versionCount; i++) {
      int at = Math.toIntExact(entry);
      int names = Short.toUnsignedInt(image.getShort(at + 2));
      int name = at + image.getInt(at + 8);
      for (int n = 0; n < names; n++) {
        visitor.at(
            Integer.toUnsignedLong(image.getInt(at + 4)),
            Integer.toUnsignedLong(image.getInt(name + 8)),
            name);
        name += image.getInt(name + 12);
      }
      entry += image.getInt(at + 12);
    }
  }

  private void readDynamic() {
    int headers = Math.toIntExact(image.getLong(32));
    int size = Short.toUnsignedInt(image.getShort(54));
    int count = Short.toUnsignedInt(image.getShort(56));
    for (int h = headers; h < headers + count * size; h += size) {
      if (image.getInt(h) == DYNAMIC) {
        int entry = Math.toIntExact(image.getLong(h + 8));
        for (; image.getLong(entry) != END; entry += 16) {
          dynamic(image.getLong(entry), image.getLong(entry + 8));
        }
      }
    }
  }

  private void dynamic(long tag, long value) {
    if (tag == NEEDED) {
      needed.add(value);
    } else if (tag == STRINGS) {
      strings = fileOffset(value);
    } else if (tag == VERSIONS) {
      versions = fileOffset(value);
    } else if (tag == VERSION_COUNT) {
      versionCount = value;
    }
  }

  /** Where in the file an address of the loaded library lies. */
  private long fileOffset(long address) {
    int headers = Math.toIntExact(image.getLong(32));
    int size = Short.toUnsignedInt(image.getShort(54));
    int count = Short.toUnsignedInt(image.getShort(56));
    for (int h = headers; h < headers + count * size; h += size) {
      long begin = image.getLong(h + 16);
      if (image.getInt(h) == LOADED
          && address >= begin
          && address < begin + image.getLong(h + 32)) {
        return address - begin + image.getLong(h + 8);
      }
    }
    throw new IllegalArgumentException("The library's dynamic section points outside the file.");
  }

  private String string(long offset) {
    int begin = Math.toIntExact(strings + offset);
    int end = begin;
    while (image.get(end) != 0) {
      end++;
    }
    return new String(image.array(), begin, end - begin, StandardCharsets.US_ASCII);
  }

  /** The hash of a symbol version's name, as the ELF specification has it. */
  static int hash(String name) {
    int hash = 0;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash << 4) + name.charAt(i);
      int high = hash & 0xf0000000;
      hash = (hash ^ high >>> 24) & ~high;
    }
    return hash;
  }
}
