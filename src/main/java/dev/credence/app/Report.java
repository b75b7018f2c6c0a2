package dev.credence.app;

import java.util.Base64;
import java.util.List;

/** The report as one page of HTML that needs nothing besides itself. */
final class Report {
  private static final String PAGE =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Credence: {title}</title>
      <style>
      :root { color-scheme: light; }
      * { box-sizing: border-box; }
      body { margin: 0; background: #f6f7f9; color: #222b36;
        font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
      main { max-width: 1024px; margin: 0 auto; padding: 32px 20px 48px; }
      h1 { margin: 0 0 4px; font-size: 1.6rem; line-height: 1.25; }
      p.lead { margin: 0 0 24px; color: #566170; }
      dl.scores { display: grid; gap: 12px; margin: 0 0 24px;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 280px), 1fr)); }
      dl.scores div, figure { background: #fff; border: 1px solid #e3e6ea; border-radius: 8px; }
      dl.scores div { padding: 14px 16px; }
      dt { font-size: .85rem; color: #566170; }
      dd { margin: 0; }
      dd.value { font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
      dd.meaning { font-size: .9rem; color: #566170; }
      figure { margin: 0 0 24px; padding: 12px; }
      figure img { display: block; width: 100%; height: auto; margin: 0 auto; }
      figcaption { padding: 8px 8px 4px; color: #3c4653; font-size: .95rem; }
      footer { color: #566170; font-size: .9rem; overflow-wrap: anywhere; }
      @media print { body { background: #fff; } figure { break-inside: avoid; } }
      </style>
      </head>
      <body>
      <main>
      <h1>{title}</h1>
      <p class="lead">{lead}</p>
      <dl class="scores">
      {scores}</dl>
      {pictures}<footer>
      {training}
      </footer>
      </main>
      </body>
      </html>
      """;

  private Report() {}

  /** The page of a prediction. */
  static String html(Problem problem, Scores scores, List<Picture> pictures) {
    String title =
        problem.gap()
            ? "A prediction that knows where it has no data"
            : "Predicting " + Text.column(problem.target()) + ", with uncertainty";
    String training =
        Text.format(
            "Bayesian neural network, trained on %s, with seed %d.",
            scores.training(), scores.seed());
    return page(title, problem.describe() + ".", scores.list(), pictures, training);
  }

  /** A page of numbers and pictures. */
  static String page(
      String title, String lead, List<Scores.Score> scores, List<Picture> pictures, String how) {
    StringBuilder numbers = new StringBuilder();
    for (Scores.Score score : scores) {
      numbers.append(
          """
          <div><dt>%s</dt><dd class="value">%s</dd><dd class="meaning">%s</dd></div>
          """
              .formatted(text(score.name()), text(score.value()), text(score.meaning())));
    }
    StringBuilder figures = new StringBuilder();
    for (Picture picture : pictures) {
      figures.append(
          """
          <figure><img alt="%s" style="max-width: %dpx" src="data:image/png;base64,%s">
          <figcaption>%s</figcaption></figure>
          """
              .formatted(
                  text(picture.title()),
                  picture.width(),
                  Base64.getEncoder().encodeToString(picture.png()),
                  text(picture.caption())));
    }
    return PAGE.replace("{title}", text(title))
        .replace("{lead}", text(lead))
        .replace("{scores}", numbers)
        .replace("{training}", text(how))
        .replace("{pictures}", figures);
  }

  /** Text as HTML shows it. */
  private static String text(String plain) {
    return plain
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
