package dev.credence.train;

import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;

/**
 * Several regressors of one kind that differ in their seeds alone, whose predictions are mixed
 * equally (Lakshminarayanan, Pritzel and Blundell 2017, "Simple and Scalable Predictive Uncertainty
 * Estimation using Deep Ensembles", section 2.4). What they disagree about is doubt of the model
 * (epistemic), what each expects to vary is noise of the data (aleatoric).
 *
 * <pre>{@code
 * try (var ensemble =
 *     RegressorEnsemble.of(5, seed -> MlpRegressor.builder().seed(seed).build()).fit(x, y)) {
 *   float[] doubt = ensemble.predict(test).epistemicStd();
 * }
 * }</pre>
 */
public final class RegressorEnsemble implements AutoCloseable {
  private final List<? extends Regressor<?>> members;

  private RegressorEnsemble(List<? extends Regressor<?>> members) {
    this.members = members;
  }

  /**
   * An ensemble that is not fitted yet.
   *
   * @param members how many
   * @param bySeed makes each of them, from the seeds 1, 2, ..
   */
  public static RegressorEnsemble of(int members, LongFunction<? extends Regressor<?>> bySeed) {
    NetBuilder.require(members > 0, "an ensemble has members, but " + members + " was given");
    return new RegressorEnsemble(
        LongStream.rangeClosed(1, members).<Regressor<?>>mapToObj(bySeed::apply).toList());
  }

  /**
   * Every member learns from all rows, from scratch.
   *
   * @param x inputs, one row each, all of one width
   * @param y targets, one a row
   * @return this
   * @throws IllegalArgumentException as each member's own fit
   * @throws ArithmeticException if training diverges
   */
  public RegressorEnsemble fit(float[][] x, float[] y) {
    members.forEach(member -> member.learn(x, y));
    return this;
  }

  /** The members, which the ensemble closes. */
  public List<? extends Regressor<?>> members() {
    return members;
  }

  /**
   * The equal mixture of the members' predictions.
   *
   * @param x inputs, one row each, as wide as those of the fit
   * @throws IllegalArgumentException as each member's own prediction
   * @throws IllegalStateException before the fit and after closing
   */
  public Prediction predict(float[][] x) {
    return Prediction.mixture(members.stream().map(member -> member.predict(x)).toList());
  }

  /** Gives all memory back. */
  @Override
  public void close() {
    members.forEach(Regressor::close);
  }
}
