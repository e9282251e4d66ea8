"""Claim charts of assessments, one module a form; each loads only the library that it needs."""
