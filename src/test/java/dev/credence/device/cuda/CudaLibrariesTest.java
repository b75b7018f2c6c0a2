package dev.credence.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.credence.device.Devices;
import dev.credence.device.cuda.LibrarySearch.Library;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How CUDA is found and JCuda is turned to it. What can be tried once in a process only is tried in
 * processes of its own.
 */
class CudaLibrariesTest {
  @TempDir private Path folder;

  // ---- Turning libraries ----

  @Test
  void aNeededLibraryIsReplacedInAllThreePlaces() throws IOException {
    for (String[] turned :
        new String[][] {
          {"JCublas2", JniFolder.JCUDA, "libcublas.so.12", "libcublas.so.13"},
          {"JNvrtc", JniFolder.JCUDA, "libnvrtc.so.12", "libnvrtc.so.13"},
          {"JCudnn", JniFolder.JCUDNN, "libcudnn.so.8", "libcudnn.so.9"}
        }) {
      byte[] before = JniFolder.packed(turned[0], turned[1]);
      ElfImage image = new ElfImage(before);
      assertTrue(image.needed().contains(turned[2]));
      assertTrue(image.versions().contains(turned[2] + ":" + turned[2]));

      assertTrue(image.retarget(turned[2], turned[3]));
      ElfImage after = new ElfImage(image.bytes());
      assertTrue(after.needed().contains(turned[3]));
      assertFalse(after.needed().contains(turned[2]));
      assertTrue(after.versions().contains(turned[3] + ":" + turned[3]));
      assertEquals(new ElfImage(before).versions().size(), after.versions().size());
      assertFalse(after.retarget(turned[2], turned[3]), "It was needed no more.");

      // A name's last digit, and 4 bytes of hash: nothing else has changed.
      int differing = 0;
      byte[] bytes = after.bytes();
      for (int i = 0; i < before.length; i++) {
        differing += before[i] == bytes[i] ? 0 : 1;
      }
      assertTrue(differing >= 2 && differing <= 6, turned[0] + ": " + differing);
    }
  }

  @Test
  void hashesAreThoseOfTheLinker() {
    assertEquals(0x09691a75, ElfImage.hash("GLIBC_2.2.5"));
    assertEquals(0x0d696914, ElfImage.hash("GLIBC_2.4"));
  }

  @Test
  void whatIsNoLibraryIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new ElfImage(new byte[100]));
  }

  // ---- Finding ----

  private Path library(String path) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.createFile(file);
  }

  private Optional<Path> found(Map<String, String> environment, String name, Integer... majors) {
    return LibrarySearch.of(null, environment, folder)
        .find(name, List.of(majors))
        .map(Library::path);
  }

  @Test
  void foldersAreLookedThroughInOrder() throws IOException {
    Path wheel = library("usr/lib/python3.12/dist-packages/nvidia/cu13/lib/libcublas.so.13");
    assertEquals(Optional.of(wheel), found(Map.of(), "libcublas", 13, 12));
    Path linked = library("opt/cuda/lib/libcublas.so.12");
    Files.createDirectories(folder.resolve("etc/ld.so.conf.d"));
    Files.writeString(folder.resolve("etc/ld.so.conf.d/cuda.conf"), "# CUDA\n/opt/cuda/lib\n");
    assertEquals(Optional.of(linked), found(Map.of(), "libcublas", 13, 12));
    library("usr/local/cuda-9.2/lib64/libcublas.so.12");
    Path toolkit = library("usr/local/cuda-12.4/lib64/libcublas.so.12");
    assertEquals(Optional.of(toolkit), found(Map.of(), "libcublas", 13, 12));
    Path home = library("home/cuda/lib64/libcublas.so.12");
    Map<String, String> environment = Map.of("CUDA_HOME", folder.resolve("home/cuda").toString());
    assertEquals(Optional.of(home), found(environment, "libcublas", 13, 12));
    Path newer = library("home/cuda/lib64/libcublas.so.13");
    assertEquals(Optional.of(newer), found(environment, "libcublas", 13, 12));
    assertEquals(Optional.of(home), found(environment, "libcublas", 12));
    assertEquals(Optional.empty(), found(environment, "libcudnn", 9, 8));
  }

  @Test
  void thePropertyReplacesAllOtherFolders() throws IOException {
    library("usr/local/cuda/lib64/libnvrtc.so.12");
    Path own = library("mine/libnvrtc.so.12.6.77");
    String property = own.getParent() + ":" + folder.resolve("also");
    LibrarySearch search = LibrarySearch.of(property, Map.of(), folder);
    assertEquals(List.of(folder.resolve("mine"), folder.resolve("also")), search.folders());
    assertEquals(Optional.empty(), search.find("libnvrtc", List.of(12)));
    Path soname = library("also/libnvrtc.so.12");
    Library library = search.find("libnvrtc", List.of(13, 12)).orElseThrow();
    assertEquals(soname, library.path());
    assertEquals("libnvrtc.so.12", library.soname());
    Path builtins = library("also/libnvrtc-builtins.so.12.6");
    assertEquals(Optional.of(builtins), LibrarySearch.beside(library, "libnvrtc-builtins.so.12*"));
  }

  // ---- Loading, each in a process of its own ----

  /** The entries of the provider in a fresh process; and nothing else may be printed. */
  private List<String> entries(Path cuda, Map<String, String> environment)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-Dcredence.cuda.path=" + cuda);
    command.add("-Djava.io.tmpdir=" + folder);
    command.add("-Dcredence.cache=" + folder.resolve("cache"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(CudaProbe.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    try (var left = Files.list(folder)) {
      List<Path> folders = left.filter(f -> !f.endsWith("cache") && !f.endsWith("13")).toList();
      assertEquals(List.of(), folders, "JNI libraries were left behind.");
    }
    return said.lines().toList();
  }

  @Test
  void cuda13AndCudnn9Serve() throws IOException, InterruptedException {
    Path thirteen = StandIn.folder("13");
    assertEquals(
        List.of(
            "The NVIDIA driver serves CUDA 13.0; cuBLAS in "
                + thirteen
                + "; cuDNN 9.5.1 in "
                + thirteen
                + "; NVRTC 13.0 in "
                + thirteen
                + ".",
            "stand-in for a GPU, compute capability 9.0, driver for CUDA 13.0, products by cuBLAS"
                + " in float32",
            "20 random loops and a product by cuBLAS: no difference"),
        entries(thirteen, Map.of()));
  }

  @Test
  void cuda12AndCudnn8Serve() throws IOException, InterruptedException {
    Path twelve = StandIn.folder("12");
    List<String> said = entries(twelve, Map.of());
    assertTrue(said.get(0).contains("cuDNN 8.9.5"), said.get(0));
    assertEquals("20 random loops and a product by cuBLAS: no difference", said.getLast());
  }

  @Test
  void absenceIsOneSentence() throws IOException, InterruptedException {
    Path twelve = StandIn.folder("12");
    assertEquals(
        List.of("The NVIDIA driver gives no device: CUDA_ERROR_NO_DEVICE (said the stand-in)."),
        entries(twelve, Map.of("CREDENCE_STANDIN_INIT", "100")));
    assertEquals(
        List.of("The NVIDIA driver serves CUDA 11.8, but CUDA 12 or 13 is needed."),
        entries(twelve, Map.of("CREDENCE_STANDIN_DRIVER", "11080")));

    // A driver for CUDA 12 cannot run what libraries for 13 make.
    Path thirteen = StandIn.folder("13");
    assertEquals(
        List.of(
            "The NVIDIA driver serves CUDA 12.4, but NVRTC is missing: libnvrtc.so.12 is not in "
                + thirteen
                + "."),
        entries(thirteen, Map.of("CREDENCE_STANDIN_DRIVER", "12040")));
  }

  @Test
  void whatIsMissingBesideNvrtcIsSaid() throws IOException, InterruptedException {
    Path thirteen = StandIn.folder("13");
    Path some = Files.createDirectory(folder.resolve("13"));
    for (String name : List.of("libcuda.so.1", "libnvrtc.so.13")) {
      Files.copy(thirteen.resolve(name), some.resolve(name));
    }
    assertEquals(
        "The NVIDIA driver serves CUDA 13.0; no cuBLAS, so products are Credence's own; no cuDNN,"
            + " so convolutions are Credence's own;"
            + " NVRTC 13.0 in "
            + some
            + ".",
        entries(some, Map.of()).get(0));
  }

  @Test
  void withoutADriverThereIsNoDevice() throws IOException, InterruptedException {
    String said = entries(folder, Map.of()).get(0);
    assumeTrue(!said.startsWith("The NVIDIA driver"), "This machine has an NVIDIA driver.");
    assertEquals("There is no NVIDIA driver on this machine: libcuda.so.1 was not found.", said);
  }

  // ---- In this process ----

  @Test
  void aDriverNamedByHandIsNotTakenUnasked() {
    StandIn.require();
    assertTrue(Devices.all().stream().anyMatch(e -> e.name().equals("cuda:0")));
    assertFalse(Devices.best().name().startsWith("cuda"));
    assertEquals("cuda:0", Devices.get("cuda:0").name());
  }
}
