// What the demo shows beside the usual renewal: rules of the bank, and what the customer does.

/** `rules` are the scene's; `meanwhile` happens while a person's browser is closed. */
export const SCENARIOS = {
  late: {
    rules: { days: -20, grace: 80 },
    play: late,
    hint: `
  電子証明書は20日前に有効期限が切れています。ブラウザーは提示しないので、ID とパスワードだけでログインします。
  The certificates expired 20 days ago. Browsers do not show them: log in with ID and password.
`,
  },
  'past-grace': {
    rules: { days: -81, grace: 80 },
    play: pastGrace,
    prefix: 'past-grace-',
  },
  pending: {
    rules: { approval: 3600 },
    play: pending,
    meanwhile: (scene, id) => scene.ask('decide', { user: id, approve: true }).catch(() => {}),
    hint: `
  承認待ちの画面が出たら、ブラウザーを閉じてください。そのあいだに承認され、もう一度開きます。
  When the page says that approval is pending, close the browser: it is approved and opens again.
`,
  },
};

/** Past its expiry and within the grace: the browser shows no certificate, and it is renewed. */
async function late(customer, { id }) {
  await customer.open();
  await customer.arriveWithoutCertificate();
  await customer.loginAs(id);
  await customer.toRenewal();
  await customer.allowLocalAccess();
  await customer.renew();
  return loginWithNew(customer, id);
}

/** Past the grace: refused, with the way on. */
async function pastGrace(customer, { id }) {
  await customer.open();
  await customer.arriveWithoutCertificate();
  await customer.loginAs(id, 'bank-past-grace');
  await customer.close();
}

/** An officer approves the user's renewal while the browser is closed; the administrator's not. */
async function pending(customer, { id, serial }) {
  const { scene } = customer;
  await customer.open();
  await customer.arrive(serial);
  await customer.login(id);
  await customer.toRenewal();
  await customer.allowLocalAccess();
  await customer.shown('start');
  await customer.applyForRenewal();

  await customer.reopen();
  await customer.arrive(serial);
  await customer.login(id);
  await customer.toMain();
  await scene.ask('decide', { user: id, approve: id !== 'admin-01' });
  await customer.toMain();
  await customer.goOn();
  await customer.shown('start');
  if (id === 'admin-01') {
    await customer.look('ca-refused');
    await customer.applyForRenewal();
    await scene.ask('decide', { user: id, approve: true });
    await customer.seeWhetherApproved();
    await customer.receive({ pin: false });
  } else {
    await customer.look('ca-approved');
    await customer.receive({ pin: false });
  }
  return loginWithNew(customer, id);
}

/** The serial number of the new certificate, with which the customer has logged in. */
async function loginWithNew(customer, id) {
  const renewed = await customer.newSerial();
  await customer.reopen();
  await customer.arrive(renewed);
  await customer.login(id);
  await customer.tellFirstLogin();
  await customer.close();
  return renewed;
}
