package dev.credence.device.cuda;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where CUDA's libraries lie. The folders are looked through in this order:
 *
 * <ol>
 *   <li>the property credence.cuda.path (folders, separated as in a path); where it is set, nothing
 *       else is looked at,
 *   <li>lib64 and lib of CUDA_HOME and CUDA_PATH,
 *   <li>/usr/local/cuda and /usr/local/cuda-*, the highest version first,
 *   <li>LD_LIBRARY_PATH and the folders of the dynamic linker (/etc/ld.so.conf.d),
 *   <li>the Python packages nvidia-* of VIRTUAL_ENV, CONDA_PREFIX, the user and the system.
 * </ol>
 */
final class LibrarySearch {
  /** Names folders that replace all others. */
  static final String PROPERTY = "credence.cuda.path";

  private static final Pattern NUMBER = Pattern.compile("\\d+");

  private final List<Path> folders;
  private final boolean chosen;

  private LibrarySearch(List<Path> folders, boolean chosen) {
    this.folders = folders;
    this.chosen = chosen;
  }

  /** A library that was found. */
  record Library(Path path, int major) {
    /** The name by which others need it. */
    String soname() {
      String file = path.getFileName().toString();
      return file.substring(0, file.indexOf(".so.") + 4) + major;
    }

    Path folder() {
      return Objects.requireNonNull(path.getParent());
    }
  }

  /** Looks on this machine. */
  static LibrarySearch ofSystem() {
    @Nullable String property = System.getProperty(PROPERTY);
    return of(property, System.getenv(), Path.of("/"));
  }

  /**
   * Looks on some machine.
   *
   * @param property what {@link #PROPERTY} says
   * @param environment its environment variables
   * @param root the root of its file system
   */
  static LibrarySearch of(@Nullable String property, Map<String, String> environment, Path root) {
    if (property != null && !property.isBlank()) {
      return new LibrarySearch(paths(property), true);
    }
    List<Path> folders = new ArrayList<>();
    for (String home : List.of("CUDA_HOME", "CUDA_PATH")) {
      variable(environment, home).forEach(path -> toolkit(path, folders));
    }
    Path local = root.resolve("usr/local");
    toolkit(local.resolve("cuda"), folders);
    matching(local, "cuda-*").forEach(path -> toolkit(path, folders));
    folders.addAll(variable(environment, "LD_LIBRARY_PATH"));
    folders.addAll(linkerFolders(root));
    List<Path> prefixes = new ArrayList<>();
    for (String prefix : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
      prefixes.addAll(variable(environment, prefix));
    }
    variable(environment, "HOME").forEach(home -> prefixes.add(home.resolve(".local")));
    prefixes.add(local);
    prefixes.add(root.resolve("usr"));
    matching(root.resolve("opt"), "*").forEach(prefixes::add);
    prefixes.forEach(prefix -> wheels(prefix, folders));
    return new LibrarySearch(
        folders.stream().filter(Files::isDirectory).distinct().toList(), false);
  }

  /** Whether {@link #PROPERTY} says where to look. */
  boolean chosen() {
    return chosen;
  }

  /** The folders, in order. */
  List<Path> folders() {
    return folders;
  }

  /**
   * A library of one of some major versions: the first folder that has one decides, and in it the
   * version that stands first.
   *
   * @param name such as libcublas
   */
  Optional<Library> find(String name, List<Integer> majors) {
    for (Path folder : folders) {
      for (int major : majors) {
        Path path = folder.resolve(name + ".so." + major);
        if (Files.isRegularFile(path)) {
          return Optional.of(new Library(path, major));
        }
      }
    }
    return Optional.empty();
  }

  /** A file beside a library, whatever its minor version. */
  static Optional<Path> beside(Library library, String pattern) {
    return matching(library.folder(), pattern).stream().findFirst();
  }

  private static void toolkit(Path home, List<Path> folders) {
    folders.add(home.resolve("lib64"));
    folders.add(home.resolve("targets/x86_64-linux/lib"));
    folders.add(home.resolve("lib"));
  }

  private static void wheels(Path prefix, List<Path> folders) {
    for (Path python : matching(prefix.resolve("lib"), "python3*")) {
      for (String packages : List.of("site-packages", "dist-packages")) {
        Path nvidia = python.resolve(packages).resolve("nvidia");
        for (Path part : matching(nvidia, "*")) {
          folders.add(part.resolve("lib"));
        }
      }
    }
  }

  private static List<Path> linkerFolders(Path root) {
    List<Path> folders = new ArrayList<>();
    for (Path file : matching(root.resolve("etc/ld.so.conf.d"), "*.conf")) {
      try (Stream<String> lines = Files.lines(file)) {
        lines
            .map(String::strip)
            .filter(line -> line.startsWith("/"))
            .forEach(line -> folders.add(root.resolve(line.substring(1))));
      } catch (IOException | UncheckedIOException unreadable) {
        // Then it names no folder.
      }
    }
    for (String folder : List.of("usr/lib/x86_64-linux-gnu", "usr/lib64", "usr/lib", "lib64")) {
      folders.add(root.resolve(folder));
    }
    return folders;
  }

  private static List<Path> variable(Map<String, String> environment, String name) {
    String value = environment.get(name);
    return value == null || value.isBlank() ? List.of() : paths(value);
  }

  private static List<Path> paths(String list) {
    return Arrays.stream(list.split(File.pathSeparator))
        .filter(part -> !part.isBlank())
        .map(part -> Path.of(part.strip()).toAbsolutePath())
        .toList();
  }

  /** What a folder has of a pattern, later versions first. */
  private static List<Path> matching(Path folder, String pattern) {
    List<Path> found = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return found;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      var matcher = folder.getFileSystem().getPathMatcher("glob:" + pattern);
      entries.filter(path -> matcher.matches(path.getFileName())).forEach(found::add);
    } catch (IOException | UncheckedIOException unreadable) {
      return found;
    }
    found.sort(Comparator.comparing(LibrarySearch::padNumbers).reversed());
    return found;
  }

  /** A file's name whose numbers sort by their size. */
  private static String padNumbers(Path path) {
    return NUMBER
        .matcher(path.getFileName().toString())
        .replaceAll(
            number -> "0".repeat(Math.max(0, 6 - number.group().length())) + number.group());
  }
}
