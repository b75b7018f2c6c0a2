package dev.credence.run;

import dev.credence.device.Device;
import dev.credence.grad.Gradients;
import dev.credence.tensor.Example;
import dev.credence.tensor.Tensor;
import dev.credence.type.DType;
import dev.credence.type.TensorType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * An example compiled for a device with the numbers of a seed: its value, a random linear
 * functional of it, that functional's gradients, a random linear functional of those, and its
 * gradients.
 */
public final class Traced implements AutoCloseable {
  private final List<Tensor> operands = new ArrayList<>();
  private final List<double[]> values = new ArrayList<>();
  private final List<Tensor> inputs = new ArrayList<>();
  private final List<Tensor> floats = new ArrayList<>();
  private final Map<String, Tensor> outputs = new LinkedHashMap<>();
  private final Random random = new Random(1);
  private final State<List<Tensor>> state;
  private final Program program;

  /** Traces and compiles all. */
  public Traced(Example example, Device device, DType floating, boolean fuse) {
    this(example, device, floating, fuse, true);
  }

  /**
   * Traces and compiles.
   *
   * @param second whether second gradients too
   */
  public Traced(Example example, Device device, DType floating, boolean fuse, boolean second) {
    List<Tensor> initial = new ArrayList<>();
    for (Example.Operand operand : example.operands()) {
      values.add(operand.values(random));
      if (operand.stored()) {
        initial.add(Tensor.zeros(operand.type(floating)));
      }
    }
    state = State.of(device, 0, initial);
    int next = 0;
    for (Example.Operand operand : example.operands()) {
      Tensor tensor = operand.stored() ? state.tree().get(next++) : input(operand.type(floating));
      operands.add(tensor);
      if (tensor.dtype().isFloat()) {
        floats.add(tensor);
      }
    }
    Tensor value = example.body().apply(operands);
    outputs.put("value", value);
    Tensor first = functional(List.of(value), "functional", floating);
    List<Tensor> gradients = gradients(first, "gradient");
    if (second && !gradients.isEmpty()) {
      gradients(functional(gradients, "functional of gradients", floating), "second gradient");
    }
    Program.Builder builder = Program.on(device, state).fuse(fuse);
    outputs.forEach(builder::output);
    program = builder.build();
    program.seed(11).step(7).firstSample(3).firstRow(2).number("half", 0.5).number("three", 3);
    for (int i = 0; i < operands.size(); i++) {
      set(i, values.get(i));
    }
    for (Tensor input : inputs) {
      if (!operands.contains(input)) {
        write(input, random.doubles(input.shape().size(), -1, 1).toArray());
      }
    }
  }

  private Tensor input(TensorType type) {
    Tensor input = Tensor.input("x" + inputs.size(), type);
    inputs.add(input);
    return input;
  }

  private Tensor functional(List<Tensor> of, String name, DType floating) {
    Tensor sum = Tensor.zeros(TensorType.of(floating));
    for (Tensor part : of) {
      Tensor weights = input(new TensorType(floating, part.shape()));
      sum = sum.add(part.cast(floating).mul(weights).sumAll());
    }
    outputs.put(name, sum);
    return sum;
  }

  private List<Tensor> gradients(Tensor of, String name) {
    List<Tensor> gradients = Gradients.of(of, floats);
    for (int i = 0; i < gradients.size(); i++) {
      outputs.put(name + " " + i, gradients.get(i));
    }
    return gradients;
  }

  /** The operands. */
  public List<Tensor> operands() {
    return operands;
  }

  /** Those operands that have gradients, in the order of the gradients. */
  public List<Tensor> floats() {
    return floats;
  }

  /** The numbers of an operand. */
  public double[] values(int operand) {
    return values.get(operand).clone();
  }

  /** Gives an operand other numbers. */
  public void set(int operand, double[] numbers) {
    write(operands.get(operand), numbers);
  }

  private void write(Tensor tensor, double[] numbers) {
    Object array = array(tensor.dtype(), numbers);
    if (!inputs.contains(tensor)) {
      state.write(tensor, array);
    } else if (program.inputs().contains("x" + inputs.indexOf(tensor))) {
      program.set("x" + inputs.indexOf(tensor), array);
    }
  }

  /** Numbers as an array of a kind. */
  public static Object array(DType kind, double[] numbers) {
    int n = numbers.length;
    return switch (kind) {
      case FLOAT64 -> numbers;
      case FLOAT32 -> {
        float[] narrow = new float[n];
        for (int i = 0; i < n; i++) {
          narrow[i] = (float) numbers[i];
        }
        yield narrow;
      }
      case INT32 -> java.util.Arrays.stream(numbers).mapToInt(x -> (int) x).toArray();
      case BOOL -> {
        boolean[] truths = new boolean[n];
        for (int i = 0; i < n; i++) {
          truths[i] = numbers[i] != 0;
        }
        yield truths;
      }
    };
  }

  /** Runs and reads everything. */
  public Map<String, HostArray> run() {
    program.run();
    Map<String, HostArray> results = new LinkedHashMap<>();
    outputs.keySet().forEach(name -> results.put(name, program.get(name)));
    return results;
  }

  /** Runs and reads one number. */
  public double run(String scalar) {
    program.run();
    return program.get(scalar).doubles()[0];
  }

  @Override
  public void close() {
    program.close();
    state.close();
  }
}
