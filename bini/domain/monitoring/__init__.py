"""Watching assessments as they come: what is logged of each, figures over rolling windows, and alarms."""
