package dev.credence.kernel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * An integer computed from a loop's axes: a constant plus factors times atoms, kept in a normal
 * form so that equal positions are equal objects and a reshape that undoes another vanishes. Values
 * stay below 2^31 in magnitude for arrays that exist; arithmetic here is in 64 bits.
 *
 * @param constant what is added to the terms
 * @param terms factors and atoms, sorted, no factor 0, no atom twice
 */
public record Index(long constant, List<Term> terms) {
  /** The index that is always 0. */
  public static final Index ZERO = new Index(0, List.of());

  /** One summand. */
  public record Term(long factor, Atom atom) {}

  /** What an index is made of. */
  public sealed interface Atom {
    /** Smallest value. */
    long min();

    /** Largest value. */
    long max();
  }

  /**
   * A loop axis, running from 0 to extent - 1.
   *
   * @param axis its number: kept axes first, then the inner axes of the phase
   */
  public record Axis(int axis, int extent) implements Atom {
    @Override
    public long min() {
      return 0;
    }

    @Override
    public long max() {
      return Math.max(0, extent - 1L);
    }
  }

  /** Quotient by a positive constant, rounded down. */
  public record Div(Index of, long by) implements Atom {
    @Override
    public long min() {
      return Math.floorDiv(of.min(), by);
    }

    @Override
    public long max() {
      return Math.floorDiv(of.max(), by);
    }
  }

  /** Remainder by a positive constant, never negative. */
  public record Mod(Index of, long by) implements Atom {
    @Override
    public long min() {
      return 0;
    }

    @Override
    public long max() {
      return by - 1;
    }
  }

  /**
   * An int32 read from an argument of the loop. A value outside [0, bound) raises the program's
   * index fault and counts as 0, so that no read leaves its array.
   *
   * @param argument the loop's argument that holds the indices
   * @param at where in it
   * @param guard where not fulfilled nothing is read and the value is 0
   * @param bound one more than the largest value allowed
   */
  public record Loaded(int argument, Index at, List<Bound> guard, int bound) implements Atom {
    @Override
    public long min() {
      return 0;
    }

    @Override
    public long max() {
      return Math.max(0, bound - 1L);
    }
  }

  /** The condition low &lt;= index &lt; high. */
  public record Bound(Index index, long low, long high) {
    /** Whether the condition holds for every value of the axes. */
    public boolean always() {
      return index.min() >= low && index.max() < high;
    }

    @Override
    public String toString() {
      return low + "<=" + index + "<" + high;
    }
  }

  /** A constant index. */
  public static Index of(long constant) {
    return constant == 0 ? ZERO : new Index(constant, List.of());
  }

  /** The value of an axis; an axis of extent 1 is the constant 0. */
  public static Index axis(int axis, int extent) {
    return extent <= 1 ? ZERO : atom(new Axis(axis, extent));
  }

  /** An index that is one atom. */
  public static Index atom(Atom atom) {
    return new Index(0, List.of(new Term(1, atom)));
  }

  /** Whether this is a constant. */
  public boolean isConstant() {
    return terms.isEmpty();
  }

  /** Smallest value over all axes. */
  public long min() {
    long min = constant;
    for (Term t : terms) {
      min += t.factor * (t.factor > 0 ? t.atom.min() : t.atom.max());
    }
    return min;
  }

  /** Largest value over all axes. */
  public long max() {
    long max = constant;
    for (Term t : terms) {
      max += t.factor * (t.factor > 0 ? t.atom.max() : t.atom.min());
    }
    return max;
  }

  /** The sum. */
  public Index plus(Index other) {
    if (other.terms.isEmpty()) {
      return plus(other.constant);
    }
    List<Term> all = new ArrayList<>(terms);
    all.addAll(other.terms);
    return normal(constant + other.constant, all);
  }

  /** The sum with a constant. */
  public Index plus(long other) {
    return other == 0 ? this : new Index(constant + other, terms);
  }

  /** The product with a constant. */
  public Index times(long factor) {
    if (factor == 1) {
      return this;
    }
    if (factor == 0) {
      return ZERO;
    }
    return new Index(
        constant * factor, terms.stream().map(t -> new Term(t.factor * factor, t.atom)).toList());
  }

  /** The quotient by a positive constant, rounded down; terms that divide leave the quotient. */
  public Index div(long by) {
    if (by == 1) {
      return this;
    }
    Split split = split(by);
    if (split.rest.min() >= 0 && split.rest.max() < by) {
      return split.quotient;
    }
    Index rest = split.rest;
    if (rest.terms.size() == 1
        && rest.constant == 0
        && rest.terms.get(0).factor == 1
        && rest.terms.get(0).atom instanceof Div inner) {
      return split.quotient.plus(inner.of.div(inner.by * by));
    }
    long common = gcd(rest, by);
    if (common > 1) {
      return split.quotient.plus(rest.exactly(common).div(by / common));
    }
    return split.quotient.plus(atom(new Div(rest, by)));
  }

  /** The remainder by a positive constant; terms that divide vanish. */
  public Index mod(long by) {
    if (by == 1) {
      return ZERO;
    }
    Index rest = split(by).rest;
    if (rest.min() >= 0 && rest.max() < by) {
      return rest;
    }
    long common = gcd(rest, by);
    if (common > 1) {
      return rest.exactly(common).mod(by / common).times(common);
    }
    return atom(new Mod(rest, by));
  }

  private record Split(Index quotient, Index rest) {}

  private Split split(long by) {
    List<Term> quotient = new ArrayList<>();
    List<Term> rest = new ArrayList<>();
    for (Term t : terms) {
      if (t.factor % by == 0) {
        quotient.add(new Term(t.factor / by, t.atom));
      } else {
        rest.add(t);
      }
    }
    long whole = Math.floorDiv(constant, by);
    return new Split(
        new Index(whole, List.copyOf(quotient)),
        new Index(constant - whole * by, List.copyOf(rest)));
  }

  /** The largest divisor shared by the divisor, the constant and all factors. */
  private static long gcd(Index index, long by) {
    long common =
        java.math.BigInteger.valueOf(by)
            .gcd(java.math.BigInteger.valueOf(index.constant))
            .longValue();
    for (Term t : index.terms) {
      common =
          java.math.BigInteger.valueOf(common)
              .gcd(java.math.BigInteger.valueOf(t.factor))
              .longValue();
    }
    return common;
  }

  private Index exactly(long by) {
    return new Index(
        constant / by, terms.stream().map(t -> new Term(t.factor / by, t.atom)).toList());
  }

  /** This index with every atom replaced, from the innermost out. */
  public Index map(java.util.function.Function<Atom, Index> replace) {
    Index sum = of(constant);
    for (Term t : terms) {
      Index value =
          switch (t.atom) {
            case Div d -> d.of.map(replace).div(d.by);
            case Mod m -> m.of.map(replace).mod(m.by);
            case Axis a -> replace.apply(a);
            case Loaded l -> replace.apply(l);
          };
      sum = sum.plus(value.times(t.factor));
    }
    return sum;
  }

  /** Whether any atom, at any depth, is of this kind. */
  public boolean contains(Class<? extends Atom> kind) {
    for (Term t : terms) {
      boolean found =
          kind.isInstance(t.atom)
              || switch (t.atom) {
                case Div d -> d.of.contains(kind);
                case Mod m -> m.of.contains(kind);
                case Axis a -> false;
                case Loaded l -> l.at.contains(kind);
              };
      if (found) {
        return true;
      }
    }
    return false;
  }

  /** Whether this is a constant plus factors times axes, with nothing divided or loaded. */
  public boolean isAffine() {
    return terms.stream().allMatch(t -> t.atom instanceof Axis);
  }

  /** The factor of an axis among the outermost terms, 0 if it does not occur there. */
  public long stride(int axis) {
    for (Term t : terms) {
      if (t.atom instanceof Axis a && a.axis == axis) {
        return t.factor;
      }
    }
    return 0;
  }

  private static Index normal(long constant, List<Term> terms) {
    List<Term> merged = new ArrayList<>();
    for (Term t : terms) {
      merge(merged, t);
    }
    // A quotient and a remainder of one index join again: f*m*(x div m) + f*(x mod m) = f*x.
    for (int i = 0; i < merged.size(); i++) {
      if (merged.get(i).atom instanceof Mod mod) {
        long factor = merged.get(i).factor;
        Index quotient = mod.of.div(mod.by);
        if (quotient.terms.size() == 1 && quotient.constant == 0) {
          Term wanted = quotient.terms.get(0);
          int at = merged.indexOf(new Term(factor * mod.by * wanted.factor, wanted.atom));
          if (at >= 0) {
            List<Term> joined = new ArrayList<>(merged);
            joined.remove(Math.max(i, at));
            joined.remove(Math.min(i, at));
            return new Index(constant, List.copyOf(joined)).plus(mod.of.times(factor));
          }
        }
      }
    }
    merged.sort(ORDER);
    return new Index(constant, List.copyOf(merged));
  }

  private static void merge(List<Term> terms, Term term) {
    for (int i = 0; i < terms.size(); i++) {
      if (terms.get(i).atom.equals(term.atom)) {
        long factor = terms.get(i).factor + term.factor;
        if (factor == 0) {
          terms.remove(i);
        } else {
          terms.set(i, new Term(factor, term.atom));
        }
        return;
      }
    }
    if (term.factor != 0) {
      terms.add(term);
    }
  }

  private static final Comparator<Term> ORDER =
      Comparator.comparing((Term t) -> t.atom instanceof Axis a ? a.axis : Integer.MAX_VALUE)
          .thenComparing(t -> t.atom.toString())
          .thenComparing(Term::factor);

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Term t : terms) {
      text.append(text.isEmpty() ? "" : "+").append(t.factor == 1 ? "" : t.factor + "*");
      text.append(
          switch (t.atom) {
            case Axis a -> "i" + a.axis;
            case Div d -> "(" + d.of + ")/" + d.by;
            case Mod m -> "(" + m.of + ")%" + m.by;
            case Loaded l ->
                "a"
                    + l.argument
                    + "["
                    + l.at
                    + "]<"
                    + l.bound
                    + (l.guard.isEmpty() ? "" : " if " + l.guard);
          });
    }
    if (constant != 0 || text.isEmpty()) {
      text.append(text.isEmpty() || constant < 0 ? "" : "+").append(constant);
    }
    return text.toString();
  }
}
