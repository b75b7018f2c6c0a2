package dev.credence.train;

import dev.credence.bayes.KlWeight;
import dev.credence.bayes.MeanField;
import dev.credence.bayes.Prior;
import dev.credence.model.BayesianNet;
import dev.credence.model.Examples;
import dev.credence.model.Likelihood;
import dev.credence.model.Model;
import dev.credence.nn.LayeredNet;
import dev.credence.run.State;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What classifiers with normals over the weights of a net have in common: those normals can be
 * read, pruned, and taken as the prior of further data.
 *
 * @param <N> the net
 */
public abstract sealed class MeanFieldClassifier<N extends LayeredNet>
    extends Classifier<MeanField<N>> permits BayesianClassifier, BayesianLeNetClassifier {
  /** The rho of a weight that is 0 for sure: its softplus is less than any float. */
  private static final float NO_NOISE = -1000;

  private final Variational variational;

  MeanFieldClassifier(EstimatorBuilder<?> common, Variational variational) {
    super(common);
    this.variational = variational;
  }

  /** The net around which the normals start. */
  abstract N net(int width, int classes);

  @Override
  MeanField<N> initial(int width, int classes) {
    return MeanField.init(net(width, classes), variational.initialScale());
  }

  @Override
  Model<MeanField<N>, Examples> model(int rows, int classes) {
    return model(rows, classes, variational.prior());
  }

  private Model<MeanField<N>, Examples> model(int rows, int classes, Prior prior) {
    return new BayesianNet<>(
        rows, new Likelihood.Labels(classes), prior, variational.sampling(), variational.samples());
  }

  @Override
  KlWeight klWeight() {
    return variational.klWeight();
  }

  @Override
  Start<MeanField<N>> further(State<MeanField<N>> known, int rows, int classes) {
    known
        .tree()
        .rho()
        .forEach(
            (path, rho) -> {
              for (float raw : known.read(rho).floats()) {
                if (raw == NO_NOISE) {
                  throw new IllegalStateException(
                      "weights of " + path + " have been pruned, and what is sure learns no more");
                }
              }
            });
    return (data, how) -> Trainer.after(known, prior -> model(rows, classes, prior), data, how);
  }

  @Override
  Outputs<MeanField<N>> outputs() {
    return Outputs.normal(variational.predictiveSampling());
  }

  /**
   * What is known of the weights now, array by array.
   *
   * @throws IllegalStateException before the first epoch of the first fit has ended, and after
   *     closing
   */
  public List<WeightNormals> posterior() {
    return weights(MeanFieldClassifier::normals);
  }

  private static <N> List<WeightNormals> normals(State<MeanField<N>> state) {
    List<WeightNormals> arrays = new ArrayList<>();
    Map<String, Tensor> rho = state.tree().rho();
    Tree.leaves(state.tree().loc())
        .forEach(
            (path, loc) -> {
              float[] mean = state.read(loc).floats();
              float[] std = new float[mean.length];
              Tensor own = rho.get(path);
              if (own != null) {
                float[] raw = state.read(own).floats();
                for (int i = 0; i < std.length; i++) {
                  double tail = Math.log1p(Math.exp(-Math.abs((double) raw[i])));
                  std[i] = (float) (Math.max(raw[i], 0) + tail);
                }
              }
              arrays.add(new WeightNormals(path, mean, std));
            });
    return arrays;
  }

  /** Makes the part of all weights that is of least signal to noise 0 for sure. */
  void removeLeast(double part) {
    if (!(part >= 0 && part <= 1)) {
      throw new IllegalArgumentException(
          "the part of the weights to be pruned lies in [0, 1], but " + part + " was given");
    }
    weights(
        state -> {
          remove(state, part);
          return state;
        });
  }

  private static <N> void remove(State<MeanField<N>> state, double part) {
    List<WeightNormals> arrays = normals(state);
    int count = arrays.stream().mapToInt(array -> array.mean().length).sum();
    float[] all = new float[count];
    int at = 0;
    for (WeightNormals array : arrays) {
      System.arraycopy(array.signalToNoise(), 0, all, at, array.mean().length);
      at += array.mean().length;
    }
    Arrays.sort(all);
    int removed = (int) Math.round(part * count);
    if (removed == 0) {
      return;
    }
    float most = all[removed - 1];
    Map<String, Tensor> means = Tree.leaves(state.tree().loc());
    for (WeightNormals array : arrays) {
      Tensor own = state.tree().rho().get(array.path());
      Tensor mean = means.get(array.path());
      if (own == null || mean == null) {
        continue;
      }
      float[] ratio = array.signalToNoise();
      float[] loc = array.mean();
      float[] rho = state.read(own).floats();
      for (int i = 0; i < ratio.length; i++) {
        if (ratio[i] <= most) {
          loc[i] = 0;
          rho[i] = NO_NOISE;
        }
      }
      state.write(mean, loc);
      state.write(own, rho);
    }
  }
}
