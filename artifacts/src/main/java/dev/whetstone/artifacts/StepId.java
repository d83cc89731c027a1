package dev.whetstone.artifacts;

import java.util.Map;
import java.util.TreeMap;

/**
 * Names a step's work: equal ids mean equal results, so the work is not done twice.
 *
 * <p>The id covers the step's name, its behaviour version (a constant that is raised by hand when
 * results would change), its section of the recipe with every default filled in, and the content
 * hashes of its inputs. Commit and host do not enter.
 */
public final class StepId {
  private StepId() {}

  /**
   * The id of one piece of work.
   *
   * @param section the configuration record, defaults filled in
   * @param inputs content hash by role, such as {@code model} or {@code sources/0}
   */
  public static String of(
      String step, int behaviourVersion, Object section, Map<String, String> inputs) {
    return ContentHash.of("step/1")
        .add(step)
        .add(behaviourVersion)
        .addJson(section)
        .addJson(new TreeMap<>(inputs))
        .finish();
  }
}
