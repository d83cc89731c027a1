package dev.whetstone.datasets.job;

import dev.whetstone.datasets.PrepareConfig.Contaminated;
import dev.whetstone.datasets.clean.CleanRules;
import dev.whetstone.datasets.clean.PersonalData;
import dev.whetstone.datasets.dedup.Compared;
import java.io.Serializable;

/**
 * What a job does to each row by itself.
 *
 * @param clean to its text
 * @param personalData to personal data and secrets in it
 * @param compared what of a row makes it the same as another
 * @param contaminated to a row that holds a benchmark item
 */
record RowRules(
    CleanRules clean, PersonalData personalData, Compared compared, Contaminated contaminated)
    implements Serializable {}
