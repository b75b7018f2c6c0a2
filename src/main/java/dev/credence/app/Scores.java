package dev.credence.app;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The numbers a fit ends with.
 *
 * @param device the device's name
 * @param data what the data is called
 * @param target what is predicted
 * @param rows rows in all
 * @param testRows rows that were kept for testing
 * @param features inputs of a row
 * @param rmse root mean squared error of the mean, on the test rows, in the target's unit
 * @param nll negative log likelihood of a test row, in nats
 * @param coverage90 the part of the test rows inside their 90% interval
 * @param epistemicStd mean over the test rows of the model's own standard deviation
 * @param aleatoricStd mean over the test rows of the noise's standard deviation
 * @param ratio mean epistemic standard deviation in the gap over that where there is data; only for
 *     the made-up data
 * @param fitSeconds how long training took
 * @param stepMicros how long one step took, in microseconds
 * @param epochs passes over the training rows
 * @param steps steps of the optimizer
 * @param seed the seed
 */
record Scores(
    String device,
    String data,
    String target,
    int rows,
    int testRows,
    int features,
    double rmse,
    double nll,
    double coverage90,
    double epistemicStd,
    double aleatoricStd,
    OptionalDouble ratio,
    double fitSeconds,
    double stepMicros,
    int epochs,
    long steps,
    long seed) {

  /**
   * One number with its explanation.
   *
   * @param name what it is called
   * @param value the number with its unit
   * @param meaning what it says, in a phrase
   */
  record Score(String name, String value, String meaning) {}

  /** The numbers that people want to see. */
  List<Score> list() {
    List<Score> list = new ArrayList<>();
    list.add(
        new Score(
            "test RMSE",
            Text.number(rmse),
            "typical error of a prediction, in units of " + Text.column(target)));
    list.add(
        new Score(
            "test NLL",
            Text.number(nll) + " nats",
            "negative log likelihood of a new row; less is better"));
    list.add(
        new Score(
            "90% coverage",
            Text.percent(coverage90),
            Text.format(
                "new rows inside their 90%% interval; %.0f to %.0f%% is within chance",
                100 * chanceLow(0.9, testRows), 100 * chanceHigh(0.9, testRows))));
    list.add(
        new Score(
            "epistemic std",
            Text.number(epistemicStd),
            "doubt of the model itself, which more data reduces"));
    list.add(
        new Score(
            "aleatoric std",
            Text.number(aleatoricStd),
            "noise of the data, which more data does not reduce"));
    ratio.ifPresent(
        value ->
            list.add(
                new Score(
                    "epistemic ratio",
                    Text.number(value),
                    "epistemic std in the gap over that beside it; above 1 is right")));
    return list;
  }

  /** The least coverage that an honest interval has in 95 of 100 tests. */
  static double chanceLow(double mass, int rows) {
    return Math.max(0, mass - 1.96 * Math.sqrt(mass * (1 - mass) / rows));
  }

  /** The largest coverage that an honest interval has in 95 of 100 tests. */
  static double chanceHigh(double mass, int rows) {
    return Math.min(1, mass + 1.96 * Math.sqrt(mass * (1 - mass) / rows));
  }

  /** Where and how long training went, in one line. */
  String training() {
    return Text.format(
        "%s in %s (%s, %s of %s)",
        device,
        Text.seconds(fitSeconds),
        Text.count(epochs, "epoch"),
        Text.count(steps, "step"),
        Text.micros(stepMicros));
  }

  /** The numbers, for a terminal. */
  String table() {
    int names = list().stream().mapToInt(s -> s.name().length()).max().orElse(0);
    int values = list().stream().mapToInt(s -> s.value().length()).max().orElse(0);
    String format = "  %-" + names + "s  %" + values + "s  %s%n";
    StringBuilder table = new StringBuilder();
    for (Score score : list()) {
      table.append(Text.format(format, score.name(), score.value(), score.meaning()));
    }
    return table.toString();
  }

  /** The numbers, for a program. */
  byte[] json() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json =
        new JsonFactory().createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      json.writeStringProperty("device", device);
      json.writeStringProperty("data", data);
      json.writeStringProperty("target", target);
      json.writeNumberProperty("rows", rows);
      json.writeNumberProperty("testRows", testRows);
      json.writeNumberProperty("features", features);
      json.writeNumberProperty("rmse", rmse);
      json.writeNumberProperty("nll", nll);
      json.writeNumberProperty("coverage90", coverage90);
      json.writeNumberProperty("epistemicStd", epistemicStd);
      json.writeNumberProperty("aleatoricStd", aleatoricStd);
      ratio.ifPresent(value -> json.writeNumberProperty("ratio", value));
      json.writeNumberProperty("fitSeconds", fitSeconds);
      json.writeNumberProperty("stepMicros", stepMicros);
      json.writeNumberProperty("epochs", epochs);
      json.writeNumberProperty("steps", steps);
      json.writeNumberProperty("seed", seed);
      json.writeEndObject();
      json.writeRaw('\n');
    }
    return bytes.toByteArray();
  }
}
