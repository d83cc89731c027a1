package dev.whetstone.models.engine.family;

/** What a {@code config.json} of one {@code model_type} means. */
interface Family {
  /**
   * @throws dev.whetstone.artifacts.BadInputException if a value is missing, of a wrong type or not
   *     supported
   * @throws IllegalArgumentException if values contradict each other
   */
  DecoderConfig read(ConfigValues config);
}
