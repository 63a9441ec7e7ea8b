# The parts of the support file.

support-program = The program, the system, the time
support-settings = The settings and where each comes from
support-doctor = What koshin doctor found
support-modules = The modules and tokens
support-renewals = The renewals, by the reference numbers of their dialogs
support-trail = The audit trail
support-log = The end of the log
