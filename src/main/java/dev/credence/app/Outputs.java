package dev.credence.app;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes files so that no half of anything is ever seen: each is written beside its place under
 * another name, and only when all are complete are they moved there.
 */
final class Outputs {
  private Outputs() {}

  /**
   * Looks, before any work is done, whether files can be put into a directory.
   *
   * @param directory it need not exist
   * @throws UserError if not
   */
  static void checkDirectory(Path directory) {
    Path existing = directory.toAbsolutePath();
    while (existing.getParent() != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (!Files.isDirectory(existing)) {
      throw new UserError(directory + " cannot be written to: " + existing + " is a file.");
    }
    if (!Files.isWritable(existing)) {
      throw new UserError(directory + " cannot be written to: permission denied.");
    }
  }

  /**
   * Looks, before any work is done, whether a file can be written.
   *
   * @throws UserError if not
   */
  static void checkFile(Path file) {
    if (Files.isDirectory(file)) {
      throw new UserError(file + " cannot be written: it is a directory.");
    }
    checkDirectory(parent(file));
  }

  /**
   * Writes files, making the directories they lie in.
   *
   * @param files what goes where
   * @throws UserError if that fails; then nothing is left of what was written
   */
  static void write(Map<Path, byte[]> files) {
    Deque<Path> made = new ArrayDeque<>();
    try {
      Map<Path, Path> places = new LinkedHashMap<>();
      for (Map.Entry<Path, byte[]> file : files.entrySet()) {
        Path directory = parent(file.getKey());
        makeDirectories(directory, made);
        Path partial =
            directory.resolve(
                "." + file.getKey().getFileName() + "." + ProcessHandle.current().pid() + ".part");
        made.push(partial);
        Files.write(partial, file.getValue(), StandardOpenOption.CREATE_NEW);
        places.put(partial, file.getKey());
      }
      for (Map.Entry<Path, Path> place : places.entrySet()) {
        Files.move(place.getKey(), place.getValue(), StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      remove(made);
      throw new UserError("The results cannot be written: " + reason(e) + ".");
    }
  }

  /**
   * Makes a directory that may be there already.
   *
   * @throws UserError if it cannot be written to
   */
  static void makeDirectory(Path directory) {
    checkDirectory(directory);
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UserError(directory + " cannot be made: " + reason(e) + ".");
    }
  }

  /** Makes the directory that a file is to lie in. */
  static void makeParent(Path file) {
    makeDirectory(parent(file));
  }

  private static void makeDirectories(@Nullable Path directory, Deque<Path> made)
      throws IOException {
    if (directory == null || Files.isDirectory(directory)) {
      return;
    }
    makeDirectories(directory.getParent(), made);
    Files.createDirectory(directory);
    made.push(directory);
  }

  /** Removes the last made first; a directory that holds something stays. */
  private static void remove(Deque<Path> made) {
    for (Path path : made) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        // It stays; the error that led here is the one to tell.
      }
    }
  }

  private static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> denied.getFile() + ": permission denied";
      case FileAlreadyExistsException there -> there.getFile() + " is in the way";
      case NoSuchFileException nowhere -> nowhere.getFile() + " cannot be made";
      default -> String.valueOf(e.getMessage());
    };
  }

  private static Path parent(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }
}
