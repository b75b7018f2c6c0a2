package dev.credence.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/**
 * The binary records of CIFAR-10: a label byte, then 1024 red, 1024 green and 1024 blue bytes, each
 * row-major 32x32. Read as they are or gzip-compressed (a name that ends in .gz).
 */
public final class CifarFile {
  private static final int SIDE = 32;
  private static final int PIXELS = 3 * SIDE * SIDE;
  private static final int LARGEST = 1 << 30;

  private CifarFile() {}

  /**
   * Reads a file.
   *
   * @throws DataException if the file is missing, ends within a record, or holds a label above 9
   */
  public static Images read(Path path) {
    byte[] all;
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
        InputStream in =
            path.toString().endsWith(".gz") ? new GZIPInputStream(raw, 1 << 16) : raw) {
      all = in.readNBytes(LARGEST);
      if (in.read() >= 0) {
        throw new DataException(path + " is larger than " + LARGEST + " bytes");
      }
    } catch (NoSuchFileException e) {
      throw new DataException("there is no file " + path);
    } catch (IOException e) {
      throw new DataException(path + " cannot be read: " + e.getMessage());
    }
    if (all.length == 0 || all.length % (PIXELS + 1) != 0) {
      throw new DataException(
          path + " holds " + all.length + " bytes, which are not whole records of " + (PIXELS + 1));
    }
    int count = all.length / (PIXELS + 1);
    int[] labels = new int[count];
    byte[] pixels = new byte[count * PIXELS];
    for (int i = 0; i < count; i++) {
      int start = i * (PIXELS + 1);
      labels[i] = all[start] & 0xff;
      if (labels[i] > 9) {
        throw new DataException(path + " has label " + labels[i] + " in record " + i);
      }
      System.arraycopy(all, start + 1, pixels, i * PIXELS, PIXELS);
    }
    return new Images(pixels, labels, 3, SIDE, SIDE);
  }

  /** The images of several files, in order. */
  public static Images join(Images... parts) {
    int count = Arrays.stream(parts).mapToInt(Images::count).sum();
    byte[] pixels = new byte[count * PIXELS];
    int[] labels = new int[count];
    int at = 0;
    for (Images part : parts) {
      System.arraycopy(part.pixels(), 0, pixels, at * PIXELS, part.pixels().length);
      System.arraycopy(part.labels(), 0, labels, at, part.count());
      at += part.count();
    }
    return new Images(pixels, labels, 3, SIDE, SIDE);
  }
}
