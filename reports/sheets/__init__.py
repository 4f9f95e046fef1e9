"""The sheets of the annual workbook. Each says its title, columns and rows; ``reports.annual`` writes them in order."""
