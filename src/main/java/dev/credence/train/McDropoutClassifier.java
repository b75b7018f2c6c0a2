package dev.credence.train;

import dev.credence.model.Examples;
import dev.credence.model.McDropoutMlp;
import dev.credence.model.Model;
import dev.credence.nn.Activation;
import dev.credence.nn.Mlp;
import dev.credence.tensor.Key;

/**
 * Classification with uncertainty by Monte Carlo dropout on plain arrays: a {@link McDropoutMlp}
 * whose masks stay when it predicts (Gal and Ghahramani 2016).
 *
 * <pre>{@code
 * try (var classifier = McDropoutClassifier.builder().seed(1).build().fit(x, labels)) {
 *   ClassPrediction p = classifier.predict(test);
 *   float[] doubt = p.mutualInformation();
 * }
 * }</pre>
 */
public final class McDropoutClassifier extends Classifier<Mlp> {
  private final Builder settings;

  private McDropoutClassifier(Builder settings) {
    super(settings);
    this.settings = settings;
  }

  /** Starts with two layers of 64 units and dropout of a half, a fifth before the first layer. */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings of a classifier. */
  public static final class Builder extends ClassifierBuilder<Builder> {
    private double p = 0.5;
    private double inputP = 0.2;
    private double lengthScale = 1e-2;

    private Builder() {
      super(new int[] {64, 64}, 100, 64, 1e-3, 64);
    }

    private Builder(Builder other) {
      super(other);
      p = other.p;
      inputP = other.inputP;
      lengthScale = other.lengthScale;
    }

    @Override
    Builder self() {
      return this;
    }

    /** Probability of dropping a hidden unit. */
    public Builder dropout(double probability) {
      p = McDropoutMlp.Rates.of(probability).hidden();
      return this;
    }

    /** Probability of dropping an input. */
    public Builder inputDropout(double probability) {
      inputP = McDropoutMlp.Rates.of(probability).inputs();
      return this;
    }

    /** The prior's length scale l, from which the weight decay l^2 (1 - p) / (2 N) follows. */
    public Builder lengthScale(double l) {
      require(l >= 0, "a length scale is not negative, but " + l + " was given");
      lengthScale = l;
      return this;
    }

    /** A classifier of these settings. */
    public McDropoutClassifier build() {
      return new McDropoutClassifier(new Builder(this));
    }
  }

  /**
   * Learns from rows, from scratch. Until its first epoch has ended, predictions are those of the
   * fit before, if any.
   *
   * @param x inputs, one row each, all of one width
   * @param labels from 0 to one less than the number of classes, one a row
   * @return this
   * @throws IllegalArgumentException in one sentence, if rows are ragged, a number is not finite,
   *     lengths differ, a label is negative, all are 0, or a column to be standardised is constant
   * @throws ArithmeticException if training diverges
   * @throws IllegalStateException if this is closed
   */
  public McDropoutClassifier fit(float[][] x, int[] labels) {
    learn(x, labels);
    return this;
  }

  private McDropoutMlp.Rates rates() {
    return new McDropoutMlp.Rates(settings.inputP, settings.p);
  }

  /**
   * Learns from further rows, starting from the weights as they are. Nothing holds them there: what
   * was learned before is forgotten as far as the rows differ, which {@link
   * BayesianClassifier#update} avoids.
   *
   * @param x inputs, as wide as those of the fit, and standardised as they were
   * @param labels from 0 to one less than the number of classes of the fit, one a row
   * @return this
   * @throws IllegalArgumentException in one sentence, if rows are ragged or of another width, a
   *     number is not finite, lengths differ, or a label is none of the fit's classes
   * @throws ArithmeticException if training diverges
   * @throws IllegalStateException before the first fit, and after closing
   */
  public McDropoutClassifier update(float[][] x, int[] labels) {
    learnMore(x, labels);
    return this;
  }

  @Override
  Model<Mlp, Examples> model(int rows, int classes) {
    return new McDropoutMlp.Classification(rows, rates(), settings.lengthScale);
  }

  @Override
  Mlp initial(int width, int classes) {
    return Mlp.init(Key.ROOT.split("init"), Activation.RELU, settings.widths(width, classes));
  }

  @Override
  Outputs<Mlp> outputs() {
    return Outputs.dropout(rates());
  }
}
