package dev.credence.kernel;

import dev.credence.kernel.Index.Bound;
import dev.credence.kernel.Loop.Argument;
import dev.credence.kernel.Loop.Fold;
import dev.credence.kernel.Loop.FoldKind;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.Scalar.Word1;
import dev.credence.kernel.Scalar.Word2;
import dev.credence.type.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Makes valid loops with data, the same for the same seed: what all devices are tried on. */
public final class RandomLoops {
  /** Words in the parameter block of a case: from 4 on keys, from 8 on floats. */
  public static final int PARAM_WORDS = 16;

  private static final int[] SIZES = {0, 1, 7, 8, 63, 64, 65, 4095, 4096, 4097, 10007};
  private static final int[] NARROW = {1, 2, 3, 5, 8, 10, 13, 50};
  private static final long MOST_POINTS = 40_000;

  /**
   * A loop with its data.
   *
   * @param loop the loop
   * @param arguments what its arguments hold before it runs, also those it writes
   * @param params the parameter block
   */
  public record Case(Loop loop, List<MemorySegment> arguments, MemorySegment params) {}

  /** An axis that an index may use. */
  private record Axis(int number, int extent) {
    Index index() {
      return Index.axis(number, extent);
    }
  }

  private final Random random;
  private final boolean float64;
  private int made;

  // The loop now being made.
  private final List<Argument> arguments = new ArrayList<>();
  private final List<MemorySegment> data = new ArrayList<>();
  private final List<Phase> phases = new ArrayList<>();
  private final List<Scalar> shared = new ArrayList<>();
  private List<Integer> kept = List.of();
  private List<Axis> axes = List.of();

  /** Loops that every device runs. */
  public RandomLoops(long seed) {
    this(seed, false);
  }

  /** Loops whose floating-point numbers are all float64 if so asked. */
  public RandomLoops(long seed, boolean float64) {
    random = new Random(seed);
    this.float64 = float64;
  }

  private DType real() {
    return float64 ? DType.FLOAT64 : DType.FLOAT32;
  }

  /** The next case. */
  public Case next() {
    arguments.clear();
    data.clear();
    phases.clear();
    String kind =
        switch (made % 5) {
          case 0 -> pointwise();
          case 1 -> folds();
          case 2 -> softmax();
          case 3 -> product();
          default -> phases();
        };
    Loop loop = new Loop(kind + " " + made++, kept, phases, arguments);
    return new Case(loop, List.copyOf(data), params());
  }

  // ---- Kinds of loops ----

  private String pointwise() {
    kept = extents(random.nextInt(4), MOST_POINTS);
    phase(List.of(), List.of(), 1 + random.nextInt(3));
    return "pointwise";
  }

  /**
   * Folds over the inner axes, which lie anywhere among the kept ones, then a phase that stores.
   */
  private String folds() {
    kept = extents(random.nextInt(3), 64);
    List<Integer> inner = extents(1 + random.nextInt(2), most(kept));
    phase(inner, kinds(1 + random.nextInt(3)), 0);
    storeFolds();
    return "folds";
  }

  private String softmax() {
    kept = extents(1 + random.nextInt(2), 300);
    List<Integer> inner = extents(1, most(kept));
    enter(inner);
    Scalar x = load(real());
    phases.add(new Phase(inner, List.of(new Fold(FoldKind.MAX, x)), List.of()));
    Scalar max = new Scalar.Folded(real(), 0, 0);
    Scalar exp = new Scalar.Unary(Word1.EXP, new Scalar.Binary(Word2.SUB, x, max));
    phases.add(new Phase(inner, List.of(new Fold(FoldKind.SUM, exp)), List.of()));
    Scalar sum = new Scalar.Folded(real(), 1, 0);
    phases.add(new Phase(inner, List.of(), List.of(store(new Scalar.Binary(Word2.DIV, exp, sum)))));
    return "softmax";
  }

  private String product() {
    int batch = random.nextBoolean() ? 1 : 1 + random.nextInt(4);
    kept = List.of(batch, pick(NARROW), pick(NARROW));
    int inner = random.nextInt(8) == 0 ? 0 : Math.min(pick(SIZES), (int) most(kept));
    enter(List.of(inner));
    Axis b = axes.get(0);
    Axis k = axes.get(3);
    Scalar left = load(real(), List.of(b, axes.get(1), k));
    Scalar right =
        random.nextBoolean()
            ? load(real(), List.of(b, axes.get(2), k))
            : load(real(), List.of(k, axes.get(2)));
    phases.add(
        new Phase(List.of(inner), List.of(new Fold(FoldKind.CHAIN, left, right)), List.of()));
    storeFolds();
    return "product";
  }

  /** Phases of all sorts, later ones reading what earlier ones folded. */
  private String phases() {
    kept = extents(random.nextInt(3), 100);
    int count = 2 + random.nextInt(2);
    for (int p = 0; p < count; p++) {
      List<Integer> inner = extents(random.nextInt(3), most(kept));
      phase(inner, kinds(random.nextInt(3)), random.nextInt(2));
    }
    storeFolds();
    return "phases";
  }

  private void phase(List<Integer> inner, List<FoldKind> kinds, int stores) {
    enter(inner);
    List<Fold> folds = new ArrayList<>();
    for (FoldKind kind : kinds) {
      DType type = random.nextInt(4) > 0 ? real() : DType.INT32;
      if ((kind == FoldKind.MAX || kind == FoldKind.MIN) && random.nextInt(4) == 0) {
        type = DType.BOOL;
      }
      Scalar value = scalar(type, 3);
      folds.add(
          kind == FoldKind.CHAIN ? new Fold(kind, value, scalar(type, 2)) : new Fold(kind, value));
    }
    List<Store> written = new ArrayList<>();
    for (int s = 0; s < stores; s++) {
      written.add(store(scalar(anyType(), 4)));
    }
    phases.add(new Phase(inner, folds, written));
  }

  /** A last phase that stores every fold. */
  private void storeFolds() {
    enter(List.of());
    List<Store> stores = new ArrayList<>();
    for (int p = 0; p < phases.size(); p++) {
      for (int f = 0; f < phases.get(p).folds().size(); f++) {
        stores.add(store(new Scalar.Folded(phases.get(p).folds().get(f).type(), p, f)));
      }
    }
    stores.add(store(scalar(real(), 2)));
    phases.add(new Phase(List.of(), List.of(), stores));
  }

  /** Takes the axes of a new phase in use. */
  private void enter(List<Integer> inner) {
    List<Axis> all = new ArrayList<>();
    for (int extent : kept) {
      all.add(new Axis(all.size(), extent));
    }
    for (int extent : inner) {
      all.add(new Axis(all.size(), extent));
    }
    axes = all;
    shared.clear();
  }

  private List<Integer> extents(int rank, long most) {
    List<Integer> extents = new ArrayList<>();
    long left = most;
    for (int axis = 0; axis < rank; axis++) {
      int extent = random.nextInt(3) == 0 ? pick(SIZES) : pick(NARROW);
      if (extent > left || (extent == 0 && random.nextInt(3) > 0)) {
        extent = (int) Math.min(left, 1 + random.nextInt(9));
      }
      extents.add(extent);
      left /= Math.max(1, extent);
    }
    Collections.shuffle(extents, random);
    return extents;
  }

  private int pick(int[] from) {
    return from[random.nextInt(from.length)];
  }

  private static long most(List<Integer> kept) {
    return Math.max(1, MOST_POINTS / Math.max(1, Loop.size(kept)));
  }

  private List<FoldKind> kinds(int count) {
    FoldKind[] all = FoldKind.values();
    return IntStream.range(0, count).mapToObj(i -> all[random.nextInt(all.length)]).toList();
  }

  // ---- Values ----

  private DType anyType() {
    return switch (random.nextInt(5)) {
      case 0 -> DType.INT32;
      case 1 -> DType.BOOL;
      default -> real();
    };
  }

  private Scalar scalar(DType type, int depth) {
    if (random.nextInt(4) == 0) {
      for (Scalar before : shared) {
        if (before.type() == type) {
          return before;
        }
      }
    }
    Scalar made = depth == 0 ? leaf(type) : inner(type, depth - 1);
    shared.add(random.nextInt(shared.size() + 1), made);
    return made;
  }

  private Scalar leaf(DType type) {
    if (random.nextInt(3) == 0) {
      for (int p = 0; p < phases.size(); p++) {
        for (int f = 0; f < phases.get(p).folds().size(); f++) {
          if (phases.get(p).folds().get(f).type() == type) {
            return new Scalar.Folded(type, p, f);
          }
        }
      }
    }
    int choice = random.nextInt(8);
    if (choice < 4) {
      return load(type);
    }
    return switch (type) {
      case FLOAT32 ->
          switch (choice) {
            case 4 -> new Scalar.Param(type, 8 + random.nextInt(4));
            case 5 -> noise(Scalar.NoiseKind.NORMAL);
            default -> new Scalar.Const(type, number());
          };
      case FLOAT64 ->
          switch (choice) {
            case 4 -> new Scalar.Cast(type, new Scalar.Param(DType.FLOAT32, 8));
            case 5 -> new Scalar.Cast(type, noise(Scalar.NoiseKind.NORMAL));
            default -> new Scalar.Const(type, number());
          };
      case INT32 ->
          switch (choice) {
            case 4 -> new Scalar.Param(type, 4 + random.nextInt(4));
            case 5 -> noise(Scalar.NoiseKind.BITS);
            case 6 -> new Scalar.Position(index(axes).at());
            default -> new Scalar.Const(type, whole());
          };
      case BOOL ->
          choice < 6
              ? new Scalar.Within(List.of(anyBound(), anyBound()))
              : Scalar.truth(random.nextBoolean());
    };
  }

  private Scalar inner(DType type, int depth) {
    return switch (random.nextInt(6)) {
      case 0 ->
          new Scalar.Select(scalar(DType.BOOL, depth), scalar(type, depth), scalar(type, depth));
      case 1 -> new Scalar.Cast(type, scalar(anyType(), depth));
      case 2, 3 -> unary(type, depth);
      default -> binary(type, depth);
    };
  }

  private Scalar unary(DType type, int depth) {
    Word1[] words =
        switch (type) {
          case FLOAT32, FLOAT64 -> Word1.values();
          case INT32 -> new Word1[] {Word1.NEG, Word1.ABS, Word1.SIGN, Word1.NOT};
          case BOOL -> new Word1[] {Word1.NOT};
        };
    Word1 word = words[random.nextInt(words.length)];
    boolean known = !(type.isFloat() && word == Word1.NOT);
    return new Scalar.Unary(known ? word : Word1.EXP, scalar(type, depth));
  }

  private Scalar binary(DType type, int depth) {
    DType of = type == DType.BOOL ? anyType() : type;
    Word2[] words =
        switch (type) {
          case FLOAT32, FLOAT64 ->
              new Word2[] {
                Word2.ADD, Word2.SUB, Word2.MUL, Word2.DIV, Word2.POW, Word2.MIN, Word2.MAX
              };
          case INT32 ->
              new Word2[] {
                Word2.ADD, Word2.SUB, Word2.MUL, Word2.DIV, Word2.MIN, Word2.MAX, Word2.AND,
                Word2.OR, Word2.SHR
              };
          case BOOL ->
              switch (of) {
                case INT32 -> new Word2[] {Word2.LT, Word2.LE, Word2.EQ, Word2.NE, Word2.ULT};
                case BOOL -> new Word2[] {Word2.AND, Word2.OR, Word2.NE, Word2.MIN, Word2.LT};
                case FLOAT32, FLOAT64 -> new Word2[] {Word2.LT, Word2.LE, Word2.EQ, Word2.NE};
              };
        };
    Word2 word = words[random.nextInt(words.length)];
    return new Scalar.Binary(word, scalar(of, depth), scalar(of, depth));
  }

  private Scalar noise(Scalar.NoiseKind kind) {
    Index element = dense(axes);
    int rowSize = random.nextBoolean() || axes.isEmpty() ? 0 : Math.max(1, axes.getLast().extent());
    Index sample = axes.isEmpty() || random.nextBoolean() ? Index.ZERO : axes.getFirst().index();
    return new Scalar.Noise(kind, 4 + 2 * random.nextInt(2), element, rowSize, sample);
  }

  private double number() {
    double[] special = {0, -0.0, 1, -1, 0.5, 3, 1e-40, 1e30, Float.POSITIVE_INFINITY, Float.NaN};
    return random.nextInt(3) == 0
        ? special[random.nextInt(special.length)]
        : (float) (random.nextGaussian() * 2);
  }

  private int whole() {
    int[] special = {0, 1, -1, 31, 33, Integer.MIN_VALUE, Integer.MAX_VALUE};
    return random.nextInt(3) == 0
        ? special[random.nextInt(special.length)]
        : random.nextInt(201) - 100;
  }

  // ---- Indices ----

  /** A place in an array, where it may be read, and the size that the array must have. */
  private record Place(Index at, List<Bound> guard, long size) {}

  private Scalar load(DType type) {
    return load(type, axes);
  }

  /** A load along some axes, by one of many patterns. */
  private Scalar load(DType type, List<Axis> over) {
    Place place = index(over);
    int argument = input(type, place.size(), 0);
    return new Scalar.Load(type, argument, place.at(), place.guard());
  }

  private Place index(List<Axis> over) {
    List<Axis> order = new ArrayList<>(over);
    switch (random.nextInt(8)) {
      case 0, 1 -> {
        return unguarded(dense(order));
      }
      case 2 -> {
        Collections.shuffle(order, random);
        return unguarded(dense(order));
      }
      case 3 -> {
        order.removeIf(axis -> random.nextBoolean());
        return unguarded(dense(order));
      }
      case 4 -> {
        Index sum = Index.of(random.nextInt(5));
        for (Axis axis : order) {
          sum = sum.plus(axis.index().times(random.nextInt(4)));
        }
        return unguarded(sum);
      }
      case 5 -> {
        return shifted(order);
      }
      case 6 -> {
        Index dense = dense(order);
        Index flat = random.nextBoolean() ? dense : dense.times(-1).plus(-3);
        int by = 2 + random.nextInt(9);
        Index mixed =
            switch (random.nextInt(3)) {
              case 0 -> flat.div(by);
              case 1 -> flat.mod(by);
              default -> flat.plus(-3).mod(by).times(5).plus(flat.div(by + 1).mod(by));
            };
        return unguarded(mixed.plus(Math.max(0, -mixed.min())));
      }
      default -> {
        return gathered(order);
      }
    }
  }

  private static Place unguarded(Index at) {
    return new Place(at, List.of(), at.max() + 1);
  }

  /** Padding and flips: coordinates that leave the array where the guard does not hold. */
  private Place shifted(List<Axis> order) {
    Index at = Index.ZERO;
    List<Bound> guard = new ArrayList<>();
    long size = 1;
    for (Axis axis : order) {
      int extent = Math.max(1, axis.extent());
      int shift = random.nextInt(5) - 2;
      boolean flip = random.nextInt(3) == 0;
      Index coordinate =
          flip ? axis.index().times(-1).plus(extent - 1 + shift) : axis.index().plus(shift);
      Bound bound = new Bound(coordinate, 0, extent);
      if (!bound.always()) {
        guard.add(bound);
      }
      at = at.times(extent).plus(coordinate);
      size *= extent;
    }
    return new Place(at, guard, size);
  }

  /** Rows chosen by an array of indices, a few of which may be wrong. */
  private Place gathered(List<Axis> order) {
    int bound = 1 + random.nextInt(9);
    List<Axis> some = new ArrayList<>(order);
    some.removeIf(axis -> random.nextBoolean());
    Place where = random.nextInt(3) == 0 ? shifted(some) : unguarded(dense(some));
    int argument = input(DType.INT32, where.size(), bound);
    Index row = Index.atom(new Index.Loaded(argument, where.at(), where.guard(), bound));
    int width = order.isEmpty() ? 1 : Math.max(1, order.getLast().extent());
    Index at = row.times(width).plus(order.isEmpty() ? Index.ZERO : order.getLast().index());
    List<Bound> guard = random.nextBoolean() ? List.of() : List.of(anyBound());
    return new Place(at, guard, at.max() + 1);
  }

  private Bound anyBound() {
    Index index = dense(axes);
    long most = index.max();
    long low = most == 0 ? 0 : random.nextLong(most) - most / 4;
    return new Bound(index.plus(random.nextInt(3)), low, low + random.nextLong(most + 2));
  }

  /** The row-major index over some axes. */
  private static Index dense(List<Axis> order) {
    Index at = Index.ZERO;
    for (Axis axis : order) {
      at = at.times(Math.max(1, axis.extent())).plus(axis.index());
    }
    return at;
  }

  private Store store(Scalar value) {
    List<Axis> order = new ArrayList<>(axes);
    if (random.nextInt(3) == 0) {
      Collections.shuffle(order, random);
    }
    Index at = dense(order).times(1 + random.nextInt(2)).plus(random.nextInt(3));
    arguments.add(new Argument(value.type(), at.max() + 1, true));
    MemorySegment memory = memory(value.type(), at.max() + 1);
    memory.fill((byte) 0x5a);
    data.add(memory);
    return new Store(arguments.size() - 1, at, value);
  }

  // ---- Data ----

  private static MemorySegment memory(DType type, long size) {
    return Arena.ofAuto().allocate(size * type.bytes(), 64);
  }

  /** An argument that is read; a bound above 0 makes its numbers indices below it. */
  private int input(DType type, long size, int bound) {
    MemorySegment memory = memory(type, size);
    boolean faulty = random.nextInt(4) == 0;
    for (long i = 0; i < size; i++) {
      switch (type) {
        case FLOAT32 -> memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value());
        case FLOAT64 -> memory.setAtIndex(ValueLayout.JAVA_DOUBLE, i, value());
        case INT32 -> {
          int index = faulty ? random.nextInt(bound + 2) - 1 : random.nextInt(Math.max(1, bound));
          memory.setAtIndex(ValueLayout.JAVA_INT, i, bound > 0 ? index : whole());
        }
        case BOOL -> memory.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt(2));
      }
    }
    arguments.add(new Argument(type, size, false));
    data.add(memory);
    return arguments.size() - 1;
  }

  private double value() {
    return random.nextInt(500) == 0 ? number() : random.nextGaussian() * 2;
  }

  private MemorySegment params() {
    MemorySegment params = memory(DType.INT32, PARAM_WORDS);
    params.setAtIndex(ValueLayout.JAVA_INT, Params.STEP, random.nextInt(1000));
    params.setAtIndex(ValueLayout.JAVA_INT, Params.FIRST_SAMPLE, random.nextInt(100));
    params.setAtIndex(ValueLayout.JAVA_INT, Params.FIRST_ROW, random.nextInt(2_000_000_000));
    for (int word = Params.FIRST_FREE; word < 8; word++) {
      params.setAtIndex(ValueLayout.JAVA_INT, word, random.nextInt());
    }
    for (int word = 8; word < PARAM_WORDS; word++) {
      params.setAtIndex(ValueLayout.JAVA_FLOAT, word, (float) random.nextGaussian());
    }
    return params;
  }
}
