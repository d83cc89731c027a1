/** Which language a row is in. */
package dev.whetstone.datasets.language;
