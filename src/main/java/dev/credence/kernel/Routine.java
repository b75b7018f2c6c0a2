package dev.credence.kernel;

import java.util.List;

/**
 * A named kernel in the common dialect, sequential within one work item: a matrix or an element a
 * work item, one source for all targets (kernels/routines.h), and a Java twin.
 *
 * @param name the function's name, such as cholesky
 * @param items number of independent work items
 * @param numbers the integers it takes (sizes, flags), in the order of its source
 * @param arguments the arrays it reads and writes, in the order of its source
 */
public record Routine(String name, long items, List<Integer> numbers, List<Loop.Argument> arguments)
    implements Work {
  public Routine {
    numbers = List.copyOf(numbers);
    arguments = List.copyOf(arguments);
  }

  @Override
  public long bytes() {
    return arguments.stream().mapToLong(a -> a.size() * a.type().bytes()).sum();
  }

  @Override
  public String toString() {
    return "routine " + name + numbers + " items " + items + "\n";
  }
}
