package dev.whetstone.datasets.job;

import dev.whetstone.datasets.PrepareConfig.Contaminated;
import dev.whetstone.datasets.clean.CleanRules;
import dev.whetstone.datasets.clean.PersonalData;
import dev.whetstone.datasets.dedup.Compared;
import dev.whetstone.datasets.language.LanguageRule;
import dev.whetstone.datasets.language.Languages;
import dev.whetstone.datasets.rows.Conversation;
import java.io.Serializable;
import java.util.Optional;

/**
 * What a job does to each row by itself.
 *
 * @param clean to its text
 * @param personalData to personal data and secrets in it
 * @param compared what of a row makes it the same as another
 * @param contaminated to a row that holds a benchmark item
 * @param language to those in other languages
 */
record RowRules(
    CleanRules clean,
    PersonalData personalData,
    Compared compared,
    Contaminated contaminated,
    LanguageRule language)
    implements Serializable {
  /** Of a row, where the recipe asks for it. */
  Optional<Languages.Guess> languageOf(Conversation row) {
    return language.detect() ? Optional.of(Languages.of(row, language)) : Optional.empty();
  }
}
