package dev.credence.benchmarks;

import java.io.StringWriter;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Results for programs. Times are seconds. */
final class Json {
  private final JsonGenerator json;

  private Json(JsonGenerator json) {
    this.json = json;
  }

  static String of(Results r) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator =
        new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      new Json(generator).write(r);
    }
    return text.toString().replace("},{", "},\n{") + "\n";
  }

  private void write(Results r) {
    json.writeStartObject();
    json.writeStringProperty("date", r.date());
    json.writeStringProperty("processor", r.processor());
    json.writeNumberProperty("cores", r.cores());
    json.writeNumberProperty("threads", r.threads());
    json.writeStringProperty("device", r.device());
    json.writeStringProperty("java", r.java());
    json.writeStringProperty("commit", r.commit());
    number("loadBefore", r.loadBefore());
    number("loadAfter", r.loadAfter());
    json.writeName("ceilings");
    json.writeStartObject();
    number("bytesPerSecond", r.ceilings().bytesPerSecond());
    number("bytesPerSecondOfOneThread", r.copyOneThread());
    number("flopsPerSecond", r.ceilings().flopsPerSecond());
    number("normalsPerSecond", r.ceilings().normalsPerSecond());
    number("wordsPerSecond", r.ceilings().wordsPerSecond());
    json.writeEndObject();
    array("workloads", r.workloads(), c -> workload(r, c));
    array("products", r.products(), this::product);
    array("curves", r.curves(), this::curve);
    json.writeEndObject();
  }

  private void workload(Results r, Comparison c) {
    json.writeStringProperty("id", c.id());
    number("floor", r.floor(c));
    number("othersBusyCores", c.others());
    json.writeName("sides");
    json.writeStartObject();
    c.samples()
        .forEach(
            (side, samples) -> {
              json.writeName(side);
              json.writeStartObject();
              json.writeStringProperty("found", samples.found());
              number("median", samples.median());
              number("least", samples.least());
              number("lowerQuartile", samples.quantile(0.25));
              number("upperQuartile", samples.quantile(0.75));
              json.writeNumberProperty("samples", samples.seconds().length);
              json.writeEndObject();
            });
    json.writeEndObject();
  }

  private void product(Results.ProductRow row) {
    json.writeStringProperty("id", row.product().id());
    json.writeStringProperty("where", row.product().where());
    number("flops", row.product().flops());
    number("own1", row.own1());
    number("openBlas1", row.openBlas1());
    number("ownAll", row.ownAll());
    number("openBlasAll", row.openBlasAll());
  }

  private void curve(Curve curve) {
    json.writeStringProperty("id", curve.id());
    json.writeStringProperty("size", curve.what());
    array(
        "points",
        curve.points(),
        p -> {
          json.writeNumberProperty("size", p.size());
          json.writeNumberProperty("threads", p.threads());
          number("seconds", p.seconds());
          json.writeNumberProperty("residentBytes", p.bytes());
        });
  }

  private <T> void array(String name, List<T> elements, Consumer<T> write) {
    json.writeName(name);
    json.writeStartArray();
    for (T element : elements) {
      json.writeStartObject();
      write.accept(element);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void number(String name, double value) {
    if (Double.isFinite(value)) {
      json.writeNumberProperty(name, value);
    } else {
      json.writeNullProperty(name);
    }
  }
}
