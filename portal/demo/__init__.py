"""A made-up county for trying the portal: its places, people and papers, with every date relative to today."""
