package dev.credence.train;

import dev.credence.bayes.LearnedDropout;
import dev.credence.model.ConcreteDropoutNet;
import dev.credence.model.Examples;
import dev.credence.model.Likelihood;
import dev.credence.model.Model;
import dev.credence.nn.Activation;
import dev.credence.nn.Mlp;
import dev.credence.tensor.Key;
import java.util.Map;

/**
 * Classification with uncertainty by dropout that learns how much to drop (Gal, Hron and Kendall
 * 2017, "Concrete Dropout"): a {@link ConcreteDropoutNet} whose masks stay when it predicts.
 *
 * <pre>{@code
 * try (var classifier = ConcreteDropoutClassifier.builder().seed(1).build().fit(x, labels)) {
 *   ClassPrediction p = classifier.predict(test);
 *   Map<String, Double> rates = classifier.dropout();
 * }
 * }</pre>
 */
public final class ConcreteDropoutClassifier extends Classifier<LearnedDropout<Mlp>> {
  private final Builder settings;

  private ConcreteDropoutClassifier(Builder settings) {
    super(settings);
    this.settings = settings;
  }

  /** Starts with two layers of 64 units, a probability of a tenth and a standard normal prior. */
  public static Builder builder() {
    return new Builder();
  }

  /** Settings of a classifier. */
  public static final class Builder extends ClassifierBuilder<Builder>
      implements ConcreteBuilder<Builder> {
    private Concrete concrete = new Concrete(0.1, 1);

    private Builder() {
      super(new int[] {64, 64}, 100, 64, 1e-3, 64);
    }

    private Builder(Builder other) {
      super(other);
      concrete = other.concrete;
    }

    @Override
    Builder self() {
      return this;
    }

    @Override
    public Concrete concrete() {
      return concrete;
    }

    @Override
    public Builder concrete(Concrete settings) {
      this.concrete = settings;
      return this;
    }

    /** A classifier of these settings. */
    public ConcreteDropoutClassifier build() {
      return new ConcreteDropoutClassifier(new Builder(this));
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
  public ConcreteDropoutClassifier fit(float[][] x, int[] labels) {
    learn(x, labels);
    return this;
  }

  /**
   * The probabilities of dropping that have been learned, each in (0, 1), by the paths of the
   * layers they stand before.
   *
   * @throws IllegalStateException before the first epoch of the first fit has ended, and after
   *     closing
   */
  public Map<String, Double> dropout() {
    return weights(Concrete::learned);
  }

  @Override
  Model<LearnedDropout<Mlp>, Examples> model(int rows, int classes) {
    return new ConcreteDropoutNet<>(
        rows, new Likelihood.Labels(classes), settings.concrete.lengthScale());
  }

  @Override
  LearnedDropout<Mlp> initial(int width, int classes) {
    Key key = Key.ROOT.split("init");
    Mlp net = Mlp.init(key, Activation.RELU, settings.widths(width, classes));
    return LearnedDropout.init(net, settings.concrete.p());
  }

  @Override
  Outputs<LearnedDropout<Mlp>> outputs() {
    return Outputs.learnedDropout();
  }
}
