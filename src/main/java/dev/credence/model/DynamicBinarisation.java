package dev.credence.model;

import dev.credence.bayes.Elbo;
import dev.credence.tensor.Draw;
import dev.credence.tensor.Key;
import dev.credence.tensor.Tensor;
import dev.credence.tensor.Tree;

/**
 * Grey pixels as probabilities of white, drawn anew in every step (Burda, Grosse and Salakhutdinov
 * 2016, appendix D; Salakhutdinov and Murray 2008).
 *
 * @param model that sees black and white pixels
 */
public record DynamicBinarisation<W>(Model<W, Vae.Batch> model) implements Model<W, Vae.Batch> {
  @Override
  public Elbo elbo(W weights, Vae.Batch batch, Key key) {
    Vae.Batch binary =
        Tree.map(batch, (path, x) -> binarised(x, key.split("binarisation").split(path)));
    return model.elbo(weights, binary, key);
  }

  /** Pixels that are 1 with the probability given, else 0; a row's draw follows its number. */
  public static Tensor binarised(Tensor probability, Key key) {
    Tensor u = Tensor.of(new Draw.Uniform(Draw.Layout.rows(key, probability.shape().dims())));
    return u.less(probability).cast(probability.dtype());
  }
}
