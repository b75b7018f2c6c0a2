package dev.credence.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.credence.device.BinaryCache;
import dev.credence.device.Device.Buffer;
import dev.credence.device.Leaks;
import dev.credence.device.cuda.CudaDevice.Products;
import dev.credence.grad.Gradients;
import dev.credence.run.Program;
import dev.credence.run.State;
import dev.credence.tensor.Convolution;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every call of CUDA's that a small training step makes is made to fail, over the stand-in: the
 * first of them and the last, and once so that the context is lost. The error is one sentence that
 * names the call, nothing is kept, and a new device computes the same numbers as before.
 */
class CudaFaultsTest {
  private static final int INVALID_VALUE = 1;
  private static final int ILLEGAL_ADDRESS = 700;

  /** Kernels are larger than this, and what is remembered of algorithms is smaller. */
  private static final int ALGORITHM_BYTES = 100;

  /** Without these a convolution is our own, or nothing is lost. */
  private static final Set<String> DISPENSABLE =
      Set.of(
          "cudnnCreateConvolutionDescriptor",
          "cudnnCreateFilterDescriptor",
          "cudnnCreateTensorDescriptor",
          "cudnnGetConvolutionBackwardDataAlgorithm_v7",
          "cudnnGetConvolutionBackwardDataWorkspaceSize",
          "cudnnGetConvolutionBackwardFilterAlgorithm_v7",
          "cudnnGetConvolutionBackwardFilterWorkspaceSize",
          "cudnnGetConvolutionForwardAlgorithm_v7",
          "cudnnGetConvolutionForwardWorkspaceSize",
          "cudnnSetConvolution2dDescriptor",
          "cudnnSetConvolutionGroupCount",
          "cudnnSetConvolutionMathType",
          "cudnnSetFilter4dDescriptor",
          "cudnnSetTensor4dDescriptorEx",
          "nvrtcDestroyProgram");

  @TempDir private Path folder;

  private StandIn standIn;

  @AfterEach
  void heal() {
    if (standIn != null) {
      standIn.heal();
    }
  }

  private record Weights(Tensor filters, Tensor dense, Tensor images) {}

  /** A training step of a convolution, a pooling and a product, on a device of its own. */
  private List<float[]> step(Path cache) {
    CudaDevice device = new CudaDevice(0, Products.FLOAT32, new BinaryCache(cache));
    try (device) {
      try (State<Weights> state =
              State.of(
                  device,
                  1,
                  new Weights(
                      Tensor.normal(Key.ROOT.split("f"), 3, 2, 3, 3),
                      Tensor.normal(Key.ROOT.split("d"), 12, 9),
                      Tensor.normal(Key.ROOT.split("i"), 2, 2, 4, 4)));
          Buffer large = device.allocate(9 << 20)) {
        assertEquals(9 << 20, large.bytes());
        Weights w = state.tree();
        Tensor x = Tensor.normal(Key.ROOT.split("x"), 10, 2, 6, 6);
        Tensor y = Convolution.maxPool2d(Convolution.conv2d(x, w.filters), 2, 2);
        Tensor loss = y.reshape(10, 12).matmul(w.dense).softplus().sumAll();
        List<Tensor> gradients = Gradients.of(loss, List.of(w.filters, w.dense));
        try (Program program =
            Program.on(device, state)
                .output("loss", loss)
                .output("pooled", Convolution.maxPool2d(w.images, 2, 2))
                .update(w.filters, w.filters.sub(gradients.get(0).mul(0.01)))
                .update(w.dense, w.dense.sub(gradients.get(1).mul(0.01)))
                .build()) {
          List<float[]> results = new ArrayList<>();
          for (int run = 0; run < 3; run++) {
            program.step(run).run();
            results.add(program.get("loss").floats());
          }
          results.add(program.get("pooled").floats());
          results.add(state.read(w.filters).floats());
          results.add(state.read(w.dense).floats());
          return results;
        }
      } finally {
        assertEquals(java.util.Optional.empty(), Leaks.of(device));
      }
    }
  }

  /** What a step computes, and how often it calls each entry. */
  private record Clean(Path cache, String results, Map<String, Long> calls) {}

  private Clean clean() throws IOException {
    Path cache = Files.createDirectories(folder.resolve("clean"));
    Map<String, Long> before = standIn.calls();
    String results = text(step(cache));
    Map<String, Long> calls = new TreeMap<>(standIn.calls());
    calls.replaceAll((entry, count) -> count - before.getOrDefault(entry, 0L));
    calls.values().removeIf(count -> count == 0);
    return new Clean(cache, results, calls);
  }

  private static String text(List<float[]> numbers) {
    return numbers.stream().map(Arrays::toString).toList().toString();
  }

  /** A folder with what was compiled, unless that is to be done anew, and no algorithms. */
  private Path cache(Clean clean, String entry) throws IOException {
    Path cache = Files.createTempDirectory(folder, "cache");
    if (!entry.startsWith("nvrtc")) {
      try (Stream<Path> files = Files.list(clean.cache)) {
        for (Path file : files.toList()) {
          if (Files.size(file) > ALGORITHM_BYTES) {
            Files.createLink(cache.resolve(file.getFileName()), file);
          }
        }
      }
    }
    return cache;
  }

  @Test
  void aStepCallsAllThatCanFail() throws IOException {
    standIn = StandIn.require();
    Set<String> called = clean().calls.keySet();
    for (String entry :
        List.of(
            "cuMemAllocAsync",
            "cuMemFreeAsync",
            "cuMemcpyHtoDAsync_v2",
            "cuMemcpyDtoHAsync_v2",
            "cuLaunchKernel",
            "kernel",
            "cuStreamBeginCapture_v2",
            "cuStreamEndCapture",
            "cuGraphInstantiateWithFlags",
            "cuGraphLaunch",
            "cuModuleLoadData",
            "cuEventRecord",
            "cuStreamSynchronize",
            "cublasCreate_v2",
            "cublasSgemmStridedBatched",
            "cudnnCreate",
            "cudnnConvolutionForward",
            "cudnnConvolutionBackwardFilter",
            "cudnnPoolingForward",
            "nvrtcCompileProgram")) {
      assertTrue(called.contains(entry), entry + " is not among " + called);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whateverFailsIsSaidAndNothingIsKept(boolean pools) throws IOException {
    standIn = StandIn.require();
    standIn.offerPools(pools);
    Clean clean = clean();
    for (Map.Entry<String, Long> call : clean.calls.entrySet()) {
      String entry = call.getKey();
      if (entry.equals("kernel") || (!pools && !entry.startsWith("cuMem"))) {
        continue;
      }
      for (long n : call.getValue() == 1 ? List.of(1L) : List.of(1L, call.getValue())) {
        long before = standIn.bytesAllocated();
        standIn.fail(entry, (int) n, INVALID_VALUE, false);
        String what = "call " + n + " of " + entry;
        try {
          List<float[]> results = step(cache(clean, entry));
          // The first convolution is one that is measured, and found to be of no use.
          boolean measured = n == 1 && entry.startsWith("cudnnConvolution");
          assertTrue(measured || DISPENSABLE.contains(entry), what + " was not told");
          assertEquals(clean.results, text(results), what);
        } catch (IllegalStateException e) {
          sentence(what, entry, e);
        }
        standIn.fail(entry, 0, 0, false);
        // What CUDA does not take back stays until the context goes.
        assertTrue(entry.contains("MemFree") || before == standIn.bytesAllocated(), what);
      }
    }
    assertEquals(clean.results, text(step(clean.cache)));
  }

  /** One sentence, which names the device and the call. */
  private static void sentence(String what, String entry, Exception e) {
    String said = String.valueOf(e.getMessage());
    if (entry.equals("nvrtcCompileProgram")) {
      assertTrue(said.startsWith("NVRTC refused the kernel k_"), what + ": " + said);
      return;
    }
    String call = entry.replaceAll("_v\\d+$|WithFlags$", "");
    assertTrue(said.startsWith("The device cuda:0 "), what + ": " + said);
    assertTrue(said.contains(call + " "), what + ": " + said);
    assertTrue(said.endsWith(".") && !said.contains(". "), what + ": " + said);
  }

  @Test
  void aLostContextLosesTheDeviceAlone() throws IOException {
    standIn = StandIn.require();
    // Other tests of this process may share the context, which then does not go with the device.
    boolean alone = standIn.holders() == 0;
    Clean clean = clean();
    for (Map.Entry<String, Long> call : clean.calls.entrySet()) {
      String entry = call.getKey();
      if (!entry.startsWith("cu") || entry.startsWith("cudnn") || entry.startsWith("cublas")) {
        continue;
      }
      int n = (int) Math.ceilDiv(call.getValue(), 2L);
      String what = "call " + n + " of " + entry;
      long made = standIn.blocksMade();
      standIn.fail(entry, n, ILLEGAL_ADDRESS, true);
      try {
        step(cache(clean, entry));
      } catch (IllegalStateException e) {
        String said = String.valueOf(e.getMessage());
        assertTrue(said.startsWith("The device cuda:0 "), what + ": " + said);
        assertTrue(said.contains("CUDA_ERROR_ILLEGAL_ADDRESS"), what + ": " + said);
      }
      if (!alone) {
        standIn.heal();
        standIn.forget(made);
      } else {
        assertEquals(0, standIn.holders(), what);
        assertEquals(0, standIn.bytesAllocated(), what);
      }
    }
    assertEquals(clean.results, text(step(clean.cache)));
  }
}
