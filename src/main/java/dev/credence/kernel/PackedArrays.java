package dev.credence.kernel;

import dev.credence.kernel.Loop.Argument;
import dev.credence.kernel.Loop.Phase;
import dev.credence.kernel.Loop.Store;
import dev.credence.kernel.Rewriting.Place;
import dev.credence.type.DType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * A loop of more arrays than a kernel of a device may take, as loops of fewer: the smallest of
 * those it reads are first copied into one array of each type, and the smallest that it writes come
 * out of one. Copies lie apart from all arrays, so that updates in place stay what they are.
 *
 * @param parts to be run one after the other
 * @param scratch the packed arrays, numbered on from the loop's arguments
 */
public record PackedArrays(List<Part> parts, List<Argument> scratch) {
  /**
   * A loop of few arrays.
   *
   * @param arrays which arguments of the whole, or scratch arrays, the loop's own stand for
   */
  public record Part(Loop loop, List<Integer> arrays) {}

  /** Packed arrays at most: one of each type that is read, and that is written. */
  private static final int PACKED = 2 * DType.values().length;

  /**
   * A loop in parts.
   *
   * @param most arrays that a kernel may take
   * @return empty if the loop has no more, or more elements than can be counted
   */
  public static Optional<PackedArrays> of(Loop loop, int most) {
    if (loop.arguments().size() <= most || most <= PACKED) {
      return Optional.empty();
    }
    Packer packer = new Packer(loop, most);
    return packer.fits() ? Optional.of(packer.pack()) : Optional.empty();
  }

  /** Which packed array an argument is in. */
  private record Kind(DType type, boolean written) {}

  private static final class Packer {
    private final Loop loop;
    private final int most;
    private final Map<Kind, Long> sizes = new LinkedHashMap<>();
    private final Map<Kind, Integer> packed = new HashMap<>();

    /** Arguments that move, in order, and where each begins in its packed array. */
    private final Map<Integer, Long> offsets = new LinkedHashMap<>();

    private final List<Argument> all;

    Packer(Loop loop, int most) {
      this.loop = loop;
      this.most = most;
      all = new ArrayList<>(loop.arguments());
      IntStream.range(0, all.size())
          .boxed()
          .sorted(Comparator.comparingLong(a -> all.get(a).size()))
          .limit(all.size() - (most - PACKED))
          .sorted()
          .forEach(
              a -> {
                long before = sizes.getOrDefault(kind(a), 0L);
                offsets.put(a, before);
                sizes.put(kind(a), before + all.get(a).size());
              });
      sizes.forEach(
          (kind, size) -> {
            packed.put(kind, all.size());
            all.add(new Argument(kind.type, size, true));
          });
    }

    private Kind kind(int argument) {
      Argument a = loop.arguments().get(argument);
      return new Kind(a.type(), a.written());
    }

    boolean fits() {
      return sizes.values().stream().allMatch(size -> size <= Integer.MAX_VALUE);
    }

    PackedArrays pack() {
      List<Part> parts = new ArrayList<>();
      copies(false, "packing", parts);
      Rewriting rewriting =
          new Rewriting() {
            @Override
            protected Place place(Place place) {
              return moved(place);
            }
          };
      parts.add(
          part(loop.name(), loop.kept(), loop.phases().stream().map(rewriting::phase).toList()));
      copies(true, "unpacking", parts);
      return new PackedArrays(
          List.copyOf(parts), List.copyOf(all.subList(loop.arguments().size(), all.size())));
    }

    private Place moved(Place place) {
      Long offset = offsets.get(place.argument());
      return offset == null
          ? place
          : new Place(packed(place.argument()), place.at().plus(offset.longValue()));
    }

    private int packed(int argument) {
      Integer to = packed.get(kind(argument));
      if (to == null) {
        throw new IllegalArgumentException("argument " + argument + " is not packed");
      }
      return to;
    }

    /** Adds loops that copy what is read, or what was written, arrays of one size together. */
    private void copies(boolean written, String what, List<Part> parts) {
      Map<Long, List<Integer>> bySize = new LinkedHashMap<>();
      for (int argument : offsets.keySet()) {
        Argument array = all.get(argument);
        if (array.written() == written && array.size() > 0) {
          bySize.computeIfAbsent(array.size(), size -> new ArrayList<>()).add(argument);
        }
      }
      bySize.forEach(
          (size, arguments) -> {
            for (int from = 0; from < arguments.size(); from += most - PACKED) {
              int to = Math.min(from + most - PACKED, arguments.size());
              List<Store> stores = new ArrayList<>();
              for (int argument : arguments.subList(from, to)) {
                Place own = new Place(argument, Index.axis(0, Math.toIntExact(size)));
                Place read = written ? moved(own) : own;
                Place store = written ? own : moved(own);
                Scalar value =
                    new Scalar.Load(
                        all.get(argument).type(), read.argument(), read.at(), List.of());
                stores.add(new Store(store.argument(), store.at(), value));
              }
              parts.add(
                  part(
                      loop.name() + " " + what,
                      List.of(Math.toIntExact(size)),
                      List.of(new Phase(List.of(), List.of(), stores))));
            }
          });
    }

    /** A loop with the arrays alone that it uses. */
    private Part part(String name, List<Integer> kept, List<Phase> phases) {
      SortedSet<Integer> used = new TreeSet<>();
      Set<Integer> stored = new HashSet<>();
      Rewriting look =
          new Rewriting() {
            @Override
            protected Place place(Place place) {
              used.add(place.argument());
              return place;
            }
          };
      for (Phase phase : phases) {
        look.phase(phase);
        phase.stores().forEach(store -> stored.add(store.argument()));
      }
      List<Integer> arrays = List.copyOf(used);
      Rewriting renumbering =
          new Rewriting() {
            @Override
            protected Place place(Place place) {
              return new Place(arrays.indexOf(place.argument()), place.at());
            }
          };
      List<Argument> arguments =
          arrays.stream()
              .map(a -> new Argument(all.get(a).type(), all.get(a).size(), stored.contains(a)))
              .toList();
      Loop few = new Loop(name, kept, phases.stream().map(renumbering::phase).toList(), arguments);
      return new Part(few, arrays);
    }
  }
}
