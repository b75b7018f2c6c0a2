package dev.credence.train;

import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;

/**
 * Several classifiers of one kind that differ in their seeds alone, whose predictions are mixed
 * equally (Lakshminarayanan, Pritzel and Blundell 2017, "Simple and Scalable Predictive Uncertainty
 * Estimation using Deep Ensembles", section 2.4). What they disagree about is doubt of the model
 * (epistemic), what each leaves open by itself is noise of the data (aleatoric).
 *
 * <pre>{@code
 * try (var ensemble =
 *     ClassifierEnsemble.of(5, seed -> MlpClassifier.builder().seed(seed).build()).fit(x, labels)) {
 *   float[] doubt = ensemble.predict(test).mutualInformation();
 * }
 * }</pre>
 */
public final class ClassifierEnsemble implements AutoCloseable {
  private final List<? extends Classifier<?>> members;

  private ClassifierEnsemble(List<? extends Classifier<?>> members) {
    this.members = members;
  }

  /**
   * An ensemble that is not fitted yet.
   *
   * @param members how many
   * @param bySeed makes each of them, from the seeds 1, 2, ..
   */
  public static ClassifierEnsemble of(int members, LongFunction<? extends Classifier<?>> bySeed) {
    NetBuilder.require(members > 0, "an ensemble has members, but " + members + " was given");
    return new ClassifierEnsemble(
        LongStream.rangeClosed(1, members).<Classifier<?>>mapToObj(bySeed::apply).toList());
  }

  /**
   * Every member learns from all rows, from scratch.
   *
   * @param x inputs, one row each, all of one width
   * @param labels from 0 to one less than the number of classes, one a row
   * @return this
   * @throws IllegalArgumentException as each member's own fit
   * @throws ArithmeticException if training diverges
   */
  public ClassifierEnsemble fit(float[][] x, int[] labels) {
    members.forEach(member -> member.learn(x, labels));
    return this;
  }

  /** The members, which the ensemble closes. */
  public List<? extends Classifier<?>> members() {
    return members;
  }

  /**
   * The equal mixture of the members' predictions.
   *
   * @param x inputs, one row each, as wide as those of the fit
   * @throws IllegalArgumentException as each member's own prediction
   * @throws IllegalStateException before the fit and after closing
   */
  public ClassPrediction predict(float[][] x) {
    return ClassPrediction.mixture(members.stream().map(member -> member.predict(x)).toList());
  }

  /** Gives all memory back. */
  @Override
  public void close() {
    members.forEach(Classifier::close);
  }
}
