package dev.whetstone.datasets.quality;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything the report of a classifier shows.
 *
 * @param name of the recipe
 * @param content content hash of the classifier
 * @param started ISO-8601 instant
 * @param seconds wall time
 * @param files that were read, good ones first
 * @param dropped rows that were not used, by label and reason
 * @param taught rows that it learned from
 * @param calibrated rows that it was calibrated with
 * @param predictions of the rows that measured it
 * @param measured what comes of them
 * @param crossValidated where that was asked for
 * @param mistakes the surest ones
 * @param recipe the section with its defaults, as JSON text
 */
public record Report(
    String name,
    String content,
    String started,
    double seconds,
    List<LabelledFile> files,
    Map<String, Long> dropped,
    long taught,
    long calibrated,
    List<Prediction> predictions,
    Measured measured,
    Optional<CrossValidated> crossValidated,
    List<Mistake> mistakes,
    String recipe) {

  /**
   * @param sha256 of the file
   */
  public record LabelledFile(boolean good, String name, long sizeBytes, String sha256) {}

  /** A row whose label and probability disagree. */
  public record Mistake(LabelledRow row, double probability) {}

  public Report {
    files = List.copyOf(files);
    predictions = List.copyOf(predictions);
    mistakes = List.copyOf(mistakes);
  }

  /** Reliability of the network as it stands. */
  public Reliability before() {
    return Reliability.of(predictions, p -> Platt.sigmoid(p.logit()));
  }

  /** Reliability after calibration. */
  public Reliability after() {
    return Reliability.of(predictions, Prediction::probability);
  }

  /** The curve of the measured rows. */
  public Roc roc() {
    return Roc.of(predictions);
  }
}
