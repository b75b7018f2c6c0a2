package dev.credence.tensor;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Records, lists and string maps whose leaves are tensors, of any depth: how weights, batches and
 * optimizer moments are grouped. A leaf's path joins component names and positions with dots, such
 * as layers.0.weight. What is neither a tensor nor a group (numbers, enums, strings) is carried
 * along unchanged.
 */
public final class Tree {
  private Tree() {}

  /** The leaves by path, in order. */
  public static Map<String, Tensor> leaves(Object tree) {
    Map<String, Tensor> leaves = new LinkedHashMap<>();
    Tree.<Object>map(
        tree,
        (path, leaf) -> {
          leaves.put(path, leaf);
          return leaf;
        });
    return leaves;
  }

  /** The leaves, in order. */
  public static List<Tensor> list(Object tree) {
    return List.copyOf(new ArrayList<>(leaves(tree).values()));
  }

  /** A tree of the same build, each leaf replaced. */
  @SuppressWarnings("unchecked")
  public static <T> T map(T tree, BiFunction<String, Tensor, Tensor> leaf) {
    return (T) walk("", tree, leaf);
  }

  /** A tree of the same build whose leaves are these, in order. */
  public static <T> T with(T tree, List<Tensor> leaves) {
    int[] next = {0};
    T result = map(tree, (path, old) -> leaves.get(next[0]++));
    if (next[0] != leaves.size()) {
      throw new IllegalArgumentException(leaves.size() + " leaves given for " + next[0]);
    }
    return result;
  }

  private static Object walk(String path, Object node, BiFunction<String, Tensor, Tensor> leaf) {
    return switch (node) {
      case Tensor t -> leaf.apply(path, t);
      case Record r -> record(path, r, leaf);
      case List<?> list -> {
        List<Object> mapped = new ArrayList<>();
        for (Object element : list) {
          mapped.add(walk(join(path, Integer.toString(mapped.size())), element, leaf));
        }
        yield List.copyOf(mapped);
      }
      case Map<?, ?> map -> {
        Map<String, Object> mapped = new LinkedHashMap<>();
        map.forEach(
            (key, value) ->
                mapped.put(
                    String.valueOf(key),
                    walk(join(path, String.valueOf(key)), (Object) value, leaf)));
        yield mapped;
      }
      default -> node;
    };
  }

  private static Object record(
      String path, Record record, BiFunction<String, Tensor, Tensor> leaf) {
    RecordComponent[] components = record.getClass().getRecordComponents();
    @Nullable Object[] values = new @Nullable Object[components.length];
    try {
      for (int i = 0; i < components.length; i++) {
        var accessor = components[i].getAccessor();
        accessor.setAccessible(true);
        Object value = accessor.invoke(record);
        values[i] = value == null ? null : walk(join(path, components[i].getName()), value, leaf);
      }
      var constructor =
          record
              .getClass()
              .getDeclaredConstructor(
                  Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(
          record.getClass().getSimpleName() + " refuses its components at '" + path + "'",
          e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(
          record.getClass().getName() + " at '" + path + "' cannot be read; is its module open?",
          e);
    }
  }

  /** A path and a name below it. */
  public static String join(String path, String name) {
    return path.isEmpty() || name.isEmpty() ? path + name : path + "." + name;
  }
}
