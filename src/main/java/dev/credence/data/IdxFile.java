package dev.credence.data;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The IDX format of MNIST: a big-endian magic number that names the kind and the number of axes,
 * the extents, then the bytes. Read as they are or gzip-compressed (a name that ends in .gz).
 */
public final class IdxFile {
  private static final int BYTES = 0x08;
  private static final long LARGEST = 1L << 30;

  private final Path path;
  private final int[] dims;
  private final byte[] bytes;

  private IdxFile(Path path, int[] dims, byte[] bytes) {
    this.path = path;
    this.dims = dims;
    this.bytes = bytes;
  }

  /**
   * Reads a file of unsigned bytes.
   *
   * @throws DataException if the file is missing, is not IDX of unsigned bytes, ends too early, or
   *     goes on after its last byte
   */
  public static IdxFile read(Path path) {
    try (DataInputStream in = new DataInputStream(open(path))) {
      int magic = in.readInt();
      int axes = magic & 0xff;
      if (magic >>> 16 != 0 || (magic >>> 8 & 0xff) != BYTES || axes == 0 || axes > 4) {
        throw new DataException(
            String.format("%s is not an IDX file of bytes: it begins with 0x%08x", path, magic));
      }
      int[] dims = new int[axes];
      long size = 1;
      for (int i = 0; i < axes; i++) {
        dims[i] = in.readInt();
        size *= Math.max(0, dims[i]);
        if (dims[i] < 0 || size > LARGEST) {
          throw new DataException(path + " claims an impossible extent of " + dims[i]);
        }
      }
      byte[] bytes = in.readNBytes((int) size);
      if (bytes.length < size) {
        throw new DataException(path + " ends after " + bytes.length + " of " + size + " bytes");
      }
      if (in.read() >= 0) {
        throw new DataException(path + " goes on after its last byte");
      }
      return new IdxFile(path, dims, bytes);
    } catch (NoSuchFileException e) {
      throw new DataException("there is no file " + path);
    } catch (EOFException e) {
      throw new DataException(path + " ends within its head or its compressed data");
    } catch (ZipException e) {
      throw new DataException(path + " is not valid gzip: " + e.getMessage());
    } catch (IOException e) {
      throw new DataException(path + " cannot be read: " + e.getMessage());
    }
  }

  private static InputStream open(Path path) throws IOException {
    InputStream raw = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
    return path.toString().endsWith(".gz") ? new GZIPInputStream(raw, 1 << 16) : raw;
  }

  /**
   * Images with their labels, as MNIST and its relatives come.
   *
   * @throws DataException if the files do not belong together
   */
  public static Images images(Path imageFile, Path labelFile) {
    IdxFile images = read(imageFile);
    IdxFile labels = read(labelFile);
    if (images.dims.length != 3) {
      throw new DataException(images.path + " has " + images.dims.length + " axes, not 3");
    }
    if (labels.dims.length != 1 || labels.dims[0] != images.dims[0]) {
      throw new DataException(
          labels.path
              + " has not one label for each of the "
              + images.dims[0]
              + " images of "
              + images.path);
    }
    int[] classes = new int[labels.bytes.length];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = labels.bytes[i] & 0xff;
    }
    return new Images(images.bytes, classes, 1, images.dims[1], images.dims[2]);
  }

  /** The extents, outermost first. */
  public int[] dims() {
    return dims.clone();
  }

  /** The bytes, row-major; not to be changed. */
  public byte[] bytes() {
    return bytes;
  }
}
