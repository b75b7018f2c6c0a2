package dev.credence.run;

import dev.credence.device.Device;
import dev.credence.tensor.Source;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.zip.CRC32C;

/**
 * Arrays that stay on a device between runs: parameters, optimizer moments, a data set. Several
 * programs may bind one state. Its tree holds a parameter tensor for each array, to trace with.
 *
 * @param <T> a tree of tensors: a record, list or map, see {@link Tree}
 */
public final class State<T> implements AutoCloseable {
  /** Bytes that are read at once where a data set need not lie in Java's heap as a whole. */
  private static final int PIECE = 1 << 20;

  private final Device device;
  private final T tree;
  private final Map<Tensor, Device.Buffer> buffers;
  private final Map<String, Tensor> byPath;
  private boolean closed;

  private State(Device device, T tree, Map<Tensor, Device.Buffer> buffers) {
    this.device = device;
    this.tree = tree;
    this.buffers = buffers;
    this.byPath = Tree.leaves(tree);
  }

  /**
   * A state whose arrays start as given expressions, such as draws and constants, computed on the
   * device with a seed.
   *
   * @param initial expressions without inputs
   * @throws dev.credence.device.OutOfDeviceMemoryException if the device cannot hold it
   */
  public static <T> State<T> of(Device device, long seed, T initial) {
    Map<Tensor, Device.Buffer> buffers = new IdentityHashMap<>();
    T tree = parameters(device, initial, buffers);
    State<T> state = new State<>(device, tree, buffers);
    try (Program program = state.starting(initial)) {
      program.seed(seed);
      program.run();
    } catch (RuntimeException e) {
      state.close();
      throw e;
    }
    return state;
  }

  private Program starting(T initial) {
    return Program.on(device, this).updates(tree, initial).build();
  }

  private static <T> T parameters(Device device, T initial, Map<Tensor, Device.Buffer> buffers) {
    BiFunction<String, Tensor, Tensor> make =
        (path, leaf) -> {
          Tensor parameter = Tensor.parameter(path, leaf.type());
          buffers.put(parameter, device.allocate(leaf.type().bytes()));
          return parameter;
        };
    try {
      return Tree.map(initial, make);
    } catch (RuntimeException e) {
      buffers.values().forEach(Device.Buffer::close);
      throw e;
    }
  }

  /** Another state of the same tensors with the same numbers now: programs may bind either. */
  public State<T> snapshot() {
    requireOpen();
    Map<Tensor, Device.Buffer> copies = new IdentityHashMap<>();
    try {
      buffers.forEach((t, buffer) -> copies.put(t, device.allocate(buffer.bytes())));
      State<T> copy = new State<>(device, tree, copies);
      copy.copyFrom(this);
      return copy;
    } catch (RuntimeException e) {
      copies.values().forEach(Device.Buffer::close);
      throw e;
    }
  }

  /** A state of tensors of its own with the same numbers now: one program may bind both. */
  public State<T> duplicate() {
    requireOpen();
    Map<Tensor, Device.Buffer> copies = new IdentityHashMap<>();
    State<T> copy = new State<>(device, parameters(device, tree, copies), copies);
    Iterator<Tensor> own = Tree.list(copy.tree).iterator();
    try {
      for (Tensor t : Tree.list(tree)) {
        copy.write(own.next(), bytes(t));
      }
      return copy;
    } catch (RuntimeException e) {
      copy.close();
      throw e;
    }
  }

  /** The bytes of a parameter. */
  byte[] bytes(Tensor parameter) {
    byte[] bytes = new byte[Math.toIntExact(parameter.type().bytes())];
    device.read(buffer(parameter), 0, MemorySegment.ofArray(bytes));
    return bytes;
  }

  /** The same for all states of the same bits, and very likely for no other. */
  public long checksum() {
    requireOpen();
    CRC32C sum = new CRC32C();
    byte[] piece = new byte[PIECE];
    for (Tensor parameter : Tree.list(tree)) {
      long bytes = parameter.type().bytes();
      for (long at = 0; at < bytes; at += PIECE) {
        int length = (int) Math.min(PIECE, bytes - at);
        device.read(buffer(parameter), at, MemorySegment.ofArray(piece).asSlice(0, length));
        sum.update(piece, 0, length);
      }
    }
    return sum.getValue();
  }

  /** Overwrites the bytes of a parameter. */
  void write(Tensor parameter, byte[] bytes) {
    device.write(buffer(parameter), 0, MemorySegment.ofArray(bytes));
  }

  /** Takes over the numbers of a state of the same tensors. */
  public void copyFrom(State<T> other) {
    requireOpen();
    other.requireOpen();
    if (other.tree != tree) {
      throw new IllegalArgumentException("the states are not of the same tensors");
    }
    for (Tensor t : Tree.list(tree)) {
      write(t, other.bytes(t));
    }
  }

  /** The parameter tensors. */
  public T tree() {
    return tree;
  }

  /** The parameter tensors by path. */
  public Map<String, Tensor> paths() {
    return new LinkedHashMap<>(byPath);
  }

  /** The device it lies on. */
  public Device device() {
    return device;
  }

  /** Bytes of all arrays. */
  public long bytes() {
    return buffers.values().stream().mapToLong(Device.Buffer::bytes).sum();
  }

  boolean holds(Tensor parameter) {
    return buffers.containsKey(parameter);
  }

  Device.Buffer buffer(Tensor parameter) {
    requireOpen();
    Device.Buffer buffer = buffers.get(parameter);
    if (buffer == null) {
      throw new IllegalArgumentException(
          "this state does not hold "
              + (parameter.op() instanceof Source.Parameter p ? p.path() : parameter));
    }
    return buffer;
  }

  /** The numbers of a parameter. */
  public HostArray read(Tensor parameter) {
    return HostArray.read(device, buffer(parameter), 0, parameter.type());
  }

  /**
   * Overwrites a parameter.
   *
   * @param values float[], int[], boolean[] or double[] of the parameter's kind and size
   * @throws IllegalArgumentException if kind or size differ
   */
  public void write(Tensor parameter, Object values) {
    String name = parameter.op() instanceof Source.Parameter p ? p.path() : "parameter";
    HostArray.write(device, buffer(parameter), 0, parameter.type(), name, values);
  }

  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("this state is closed");
    }
  }

  /** Gives the memory back; programs that bind this state fail with a clear error afterwards. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      buffers.values().forEach(Device.Buffer::close);
    }
  }
}
