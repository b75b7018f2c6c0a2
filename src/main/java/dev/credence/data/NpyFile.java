package dev.credence.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads matrices from numpy's .npy files, versions 1 to 3: little-endian float32 or float64. */
public final class NpyFile {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final Pattern HEADER =
      Pattern.compile(
          "'descr': '<f([48])'.*'fortran_order': (True|False).*'shape': \\((\\d{1,9}),"
              + " *(\\d{1,9})\\)");

  private NpyFile() {}

  /**
   * The rows of a matrix.
   *
   * @throws DataException in one sentence, if the file is missing, is none of this kind, is cut
   *     short, goes on after its end, or holds a number that is not finite
   */
  public static float[][] matrix(Path file) {
    byte[] bytes = read(file);
    if (bytes.length < 12 || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new DataException(file + " is not a .npy file.");
    }
    ByteBuffer data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int start = bytes[6] == 1 ? 10 : 12;
    int length = bytes[6] == 1 ? Short.toUnsignedInt(data.getShort(8)) : data.getInt(8);
    if (length < 0 || length > bytes.length - start) {
      throw new DataException(file + " ends in its header.");
    }
    Matcher header = HEADER.matcher(new String(bytes, start, length, StandardCharsets.UTF_8));
    if (!header.find()) {
      throw new DataException(file + " holds no matrix of float32 or float64.");
    }
    int size = Integer.parseInt(header.group(1));
    boolean columns = header.group(2).equals("True");
    long rows = Long.parseLong(header.group(3));
    long width = Long.parseLong(header.group(4));
    long body = (long) bytes.length - start - length;
    if (rows * width * size != body) {
      throw new DataException(
          file + " promises " + rows + " x " + width + " numbers, but holds " + body + " bytes.");
    }
    float[][] matrix = new float[(int) rows][(int) width];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < width; j++) {
        long at = start + length + size * (columns ? j * rows + i : i * width + j);
        float value = size == 4 ? data.getFloat((int) at) : (float) data.getDouble((int) at);
        if (!Float.isFinite(value)) {
          throw new DataException(
              file + ", row " + i + ", column " + j + ": " + value + " is not a finite number.");
        }
        matrix[i][j] = value;
      }
    }
    return matrix;
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new DataException("There is no file " + file + ".");
    } catch (IOException e) {
      throw new DataException(file + " cannot be read: " + e.getMessage() + ".");
    }
  }
}
